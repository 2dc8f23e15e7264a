return ("x"):rep(1 << 62)
