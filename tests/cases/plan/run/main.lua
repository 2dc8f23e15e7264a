return run {
  name = "hello",
  src = fetch { url = "https://a.test/x", sha256 = ("ab"):rep(32) },
  deps = { "zlib", file { path = "b", text = "" } },
  env = { B = "2", A = "1" },
  limits = { time = 60, memory = 1 << 30 },
  script = [[
make install
]],
}
