return { default = file { path = "bin/sh", text = "" }, rust = file { path = "bin/cargo", text = "", mode = "0755" } }
