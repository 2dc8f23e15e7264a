local base = file { path = "x", text = "" }
return run { name = "x", base = base, script = 7 }
