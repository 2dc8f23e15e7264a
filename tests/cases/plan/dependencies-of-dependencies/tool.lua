return package { name = "tool", version = "1", deps = { "c" }, build = make {}, build_deps = { "gone" } }
