return package { name = "x", version = "1", base = import("a").tree, build = make {}, deps = { "a" } }
