return file { path = "a", text = "", mode = "4755" }
