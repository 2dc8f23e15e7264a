local text = table.concat({ tostring({}), ("%s"):format(function() end), tostring(import) }, " ")
return file { path = "x", text = text }
