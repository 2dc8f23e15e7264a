return glob { "x" }
