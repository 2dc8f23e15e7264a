return package { name = "gone", version = "1", deps = {  }, build = make {},  }
