local spec = { path = "a" }
return file(spec)
