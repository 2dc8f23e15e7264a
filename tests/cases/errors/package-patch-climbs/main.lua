local base = file { path = "bin/sh", text = "" }
local source = fetch { url = "https://a.test/x-${version}.tar.gz", sha256 = ("ab"):rep(32) }
return package {
  name = "x", version = "1", base = base, source = source, build = make {},
  patches = { "../fix.patch" },
}
