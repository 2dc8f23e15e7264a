return glob {}
