local f = fetch { url = "https://a.test/x", sha256 = ("ab"):rep(32) }
local t = file { path = "a", text = "" }
return merge { t, f }
