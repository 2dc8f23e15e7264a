return package { name = "x", version = "1", build = go { packages = { "./cmd/x" }, ldflags = "-s -w" } }
