local base = file { path = "bin/sh", text = "" }
return run {
  name = "a", base = base, script = "true",
  env = { A = "1", B = true },
}
