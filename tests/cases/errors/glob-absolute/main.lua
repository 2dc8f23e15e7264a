return glob { "/etc/passwd" }
