local f = fetch { url = "https://a.test/x", sha256 = ("ab"):rep(32) }
return unpack { f, strip = -1 }
