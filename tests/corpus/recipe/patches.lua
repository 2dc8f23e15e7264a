return package { base = file { path = "bin/sh", text = "" },
  name = "x", version = "1", build = make {},
  source = fetch { url = "https://a.test/x", sha256 = ("ab"):rep(32) },
  patches = { "patches/fix.patch", fetch { url = "https://a.test/p", sha256 = ("cd"):rep(32) } },
}
