return package { name = "x", version = "1", build = meson { options = { docs = "disabled" } } }
