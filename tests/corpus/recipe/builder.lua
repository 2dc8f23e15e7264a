return package { base = file { path = "bin/sh", text = "" },
  name = "x", version = "1",
  build = function(b)
    b:configure { program = "./Configure", "linux" }
    b:make { "depend" }
    b:make()
    b:sh [[echo ${version}]]
    b:install { "install_sw" }
  end,
}
