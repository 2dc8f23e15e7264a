local base = file { path = "bin/sh", text = "" }
return package {
  name = "x", version = "1", base = base, build = make {},
  test = function(t)
    t.build "true"
    t:run { "x" }
  end,
}
