return package { name = "c", version = "1", deps = {  }, build = make {},  }
