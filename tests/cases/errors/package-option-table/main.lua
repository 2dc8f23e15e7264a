local base = file { path = "x", text = "" }
return package {
  name = "x", version = "1", base = base,
  build = meson { options = { docs = "disabled", tests = {} } },
}
