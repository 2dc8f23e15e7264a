return { default = file { path = "bin/sh", text = "" } }
