return package { name = "x", version = "1", build = meson { options = { docs = "disabled", level = 2, nls = true, tests = false } } }
