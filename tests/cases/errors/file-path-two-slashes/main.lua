return file { path = "a//b", text = "" }
