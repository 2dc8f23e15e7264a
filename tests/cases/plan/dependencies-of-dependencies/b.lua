return package { name = "b", version = "1", deps = { "c" }, build = make {},  }
