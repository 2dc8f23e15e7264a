local base = file { path = "bin/sh", text = "" }
return run { name = "a", base = base }
