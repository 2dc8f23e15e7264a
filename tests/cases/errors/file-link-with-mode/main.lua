return file { path = "a", link = "b", mode = "0755" }
