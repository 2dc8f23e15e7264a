local source = fecth { url = "https://a.test/x", sha256 = "" }
return source
