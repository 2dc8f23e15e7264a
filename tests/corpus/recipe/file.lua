return merge {
  file { path = "etc/x", text = "größer\n" },
  file { path = "bin/x", text = "", mode = "0755" },
  file { path = "bin/y", link = "x" },
}
