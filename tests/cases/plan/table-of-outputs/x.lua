return package { name = "x", version = "1", deps = {  }, build = make {},  }
