return file { path = "a", text = "" }
