return file { path = "a", text = "x\0y" }
