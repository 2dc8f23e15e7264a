return package {
  name = "x", version = "1", build = make {},
  outputs = { dev = { "include/**" }, doc = { "share/man/**", "share/doc/**" } },
}
