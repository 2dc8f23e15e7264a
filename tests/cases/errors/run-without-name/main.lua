local base = file { path = "bin/sh", text = "" }
return run { base = base, script = "true" }
