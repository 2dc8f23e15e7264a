return file { path = "x", text = ("x"):upper() .. string.upper("y") }
