return file { path = "sibling", text = "" }
