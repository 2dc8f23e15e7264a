local base = file { path = "bin/sh", text = "" }
return package {
  name = "x", version = "1", base = base, build = make {},
  update = { url = "https://a.test/", pattern = "\xff" },
}
