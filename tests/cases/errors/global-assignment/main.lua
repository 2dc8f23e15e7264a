local a = 1
version = "1.0"
return a
