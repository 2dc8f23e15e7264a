return run {
  name = "download", network = true, output = ("cd"):rep(32), script = { "one", "two" },
}
