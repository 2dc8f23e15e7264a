return file { path = "a", ["[2J"] = 1 }
