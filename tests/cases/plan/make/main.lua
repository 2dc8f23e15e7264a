return package {
  name = "x", version = "1", env = { CFLAGS = "-O3" },
  build = make { dir = "src", targets = { "x" }, vars = { CC = "gcc" }, install = { "install-bin", vars = { STRIP = "true" } } },
}
