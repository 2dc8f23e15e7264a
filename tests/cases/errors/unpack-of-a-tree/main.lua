local tree = file { path = "a", text = "" }
return unpack { tree }
