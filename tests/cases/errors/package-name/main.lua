return package { name = "x y", version = "1", build = make {} }
