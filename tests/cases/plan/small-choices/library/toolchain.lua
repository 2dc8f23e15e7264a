return {
  default = file { path = "bin/sh", text = "default" },
  autotools = file { path = "bin/sh", text = "only where configure is remade" },
}
