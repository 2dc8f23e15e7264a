return file { path = "a" }
