return unpack { fetch {
	url = "https://a.test/x",
	sha256 = ("AB"):rep(32),
} }
