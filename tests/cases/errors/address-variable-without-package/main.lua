local f = fetch {
  url = "https://a.test/${version}",
  sha256 = ("ab"):rep(32),
}
return unpack { f }
