return file { path = "a", text = string.fromat("%d", 1) }
