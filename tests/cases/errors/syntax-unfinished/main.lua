return package {
  name = "x",
