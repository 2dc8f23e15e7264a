local t = file { path = "a", text = "" }
return { default = t, rust = t }
