return unpack { fetch { url = "https://a.test/x.gz?a=1#b", sha256 = ("ab"):rep(32) }, single = "x" }
