local tree = file { path = "a", text = "" }
return { dev = tree }
