return glob { "src/**" }
