return glob { "src/**", "Makefile" }
