return file { path = "a", text = "", link = "b" }
