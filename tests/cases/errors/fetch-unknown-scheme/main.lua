return fetch {
  url = { "https://a.test/x", "ftp://a.test/x" },
  sha256 = ("ab"):rep(32),
}
