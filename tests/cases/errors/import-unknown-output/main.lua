return package {
  name = "x", version = "1", build = make {},
  base = import("toolchain").ruts,
}
