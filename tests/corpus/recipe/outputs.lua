return package { base = file { path = "bin/sh", text = "" },
  name = "x", version = "1", build = make {},
  outputs = { dev = { "include/**" }, doc = { "share/man/**", "share/doc/**" } },
}
