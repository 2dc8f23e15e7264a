return package { name = "a", version = "1", deps = { "b", "c" }, build = make {},  }
