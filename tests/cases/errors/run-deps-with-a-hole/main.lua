local base = file { path = "x", text = "" }
return run { name = "x", base = base, deps = { [2] = base }, script = "true" }
