local a = {
  name = "x"
  version = "1",
}
return a
