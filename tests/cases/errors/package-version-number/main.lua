return package { name = "x", version = 1.0, build = make {} }
