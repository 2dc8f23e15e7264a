return file { path = "a", text = "\xff" }
