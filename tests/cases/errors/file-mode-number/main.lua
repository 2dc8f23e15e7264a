return file { path = "a", text = "", mode = 755 }
