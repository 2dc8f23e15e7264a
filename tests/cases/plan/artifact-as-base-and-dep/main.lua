local tree = file { path = "a", text = "" }
return package { name = "x", version = "1", base = tree, deps = { tree }, build = make {} }
