return file { path = "a", link = "" }
