local f = fetch { url = "https://a.test/x", sha256 = ("0"):rep(64) }
return unpack { f, strip = 256 }
