local a = 1
return file {
  path = "a",
  txt = "",
}
