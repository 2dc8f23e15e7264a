return package {
  name = "b", version = "1", build = make {},
  deps = { "main" },
}
