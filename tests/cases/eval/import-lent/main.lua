import("a").default = file { path = "x", text = "mine" }
return import "a"
