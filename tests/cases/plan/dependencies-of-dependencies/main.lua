return package { name = "x", version = "1", deps = { "a" }, build = make {}, build_deps = { "tool" } }
