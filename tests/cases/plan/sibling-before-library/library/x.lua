return file { path = "library", text = "" }
