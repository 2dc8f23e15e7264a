local base = file { path = "bin/sh", text = "" }
return run { name = "a", base = base, script = "true", env = { ["A B"] = "1" } }
