local a, b = import "a", import "a"
return file { path = "x", text = tostring(a == b) .. a.n }
