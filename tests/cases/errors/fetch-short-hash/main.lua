return unpack { fetch { url = "https://a.test/x", sha256 = "abc" } }
