return file { pth = "x", text = "" }
