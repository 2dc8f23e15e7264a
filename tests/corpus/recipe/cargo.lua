return package { base = file { path = "bin/sh", text = "" },
  name = "x", version = "1",
  source = glob { "src/**", "Cargo.*" },
  build = cargo { features = { "a", "b" }, bins = { "x" }, vendor = file { path = "vendor/y", text = "" } },
}
