rawset({}, "raw", 5)
