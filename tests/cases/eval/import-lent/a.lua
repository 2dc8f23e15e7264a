return { default = file { path = "x", text = "theirs" } }
