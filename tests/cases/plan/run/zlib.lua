return package { name = "zlib", version = "1", build = make {} }
