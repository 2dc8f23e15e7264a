return package { name = "x", version = "1", build = cmake { options = { TESTS = false, NAME = "a b" }, configure = { "-Wno-dev" } } }
