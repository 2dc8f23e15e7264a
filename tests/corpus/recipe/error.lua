return unpack { strip = 1, fetch {
  url = "https://a.test/x", -- comment { with brace
  sha256 = ("ab"):rep(32),
  nme = [[ } ]],
} }
