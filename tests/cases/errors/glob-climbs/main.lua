return glob { "src/**", "../secret" }
