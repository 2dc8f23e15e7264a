local x = 1
return fetch { url = "https://a.test/x", sha256 = ("ab"):rep(32) }
