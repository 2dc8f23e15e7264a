local source = fetch {
  url = "https://a.test/x-1.tar.gz",
  sha265 = ("ab"):rep(32), -- swapped
}
return unpack { source }
