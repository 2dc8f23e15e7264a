local base = file { path = "x", text = "" }
return package {
  name = "x", version = "1", base = base, build = function(b) b:sh "true" end,
  test = function(t) t:run { match = "x" } end,
}
