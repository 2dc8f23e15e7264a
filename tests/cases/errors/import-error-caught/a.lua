return file { pth = "x" }
