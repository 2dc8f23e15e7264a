return { tree = file { path = "a", text = "" } }
