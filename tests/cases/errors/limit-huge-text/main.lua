local text = ("x"):rep(1000)
return file {
  path = "a", text = text:rep(100),
}
