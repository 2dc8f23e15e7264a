return unpack {
  fetch { url = { "https://a.test/x-1.tar.gz", "mirror://debian/x" }, sha256 = ("ab"):rep(32) },
  strip = 1,
}
