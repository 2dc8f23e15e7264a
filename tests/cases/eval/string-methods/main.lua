local text = ("%-5s|%05.1f|%q"):format("a", 2.25, "b")
return file { path = "x", text = text }
