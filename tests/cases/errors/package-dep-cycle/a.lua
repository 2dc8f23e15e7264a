return package { name = "a", version = "1", build = make {}, deps = { "b" } }
