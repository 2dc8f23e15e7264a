local is_good, message = pcall(file, { path = "/a", text = "" })
return file { path = "x", text = tostring(is_good) .. "\n" .. message }
