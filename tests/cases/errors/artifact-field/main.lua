local tree = file { path = "a", text = "" }
return tree.path
