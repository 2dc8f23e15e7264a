local base = file { path = "x", text = "" }
return package {
  name = "x", version = "1", base = base, build = function(b) b:sh "true" end,
  runtime = { env = { A = { set = "1", separator = ":" } } },
}
