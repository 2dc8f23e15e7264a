-- SPDX-License-Identifier: MIT
-- A Rust program whose source lies beside its recipe, built by Debian's cargo without a network.
return package {
  name = "lil-demo",
  version = "1.0.0",
  summary = "Says where it runs from, and runs what it is told",
  licence = "MIT",
  main = "lil-demo",
  source = glob { "Cargo.*", "src/**" },
  build = cargo {},
  test = function(t)
    t:run { "lil-demo", match = "Hello from /output/bin/lil-demo" }
  end,
}
