local meta = getmetatable("")
return file { path = "x", text = tostring(meta) }
