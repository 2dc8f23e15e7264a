local tree = file { path = "a", text = "" }
return { default = tree, ["a b"] = tree }
