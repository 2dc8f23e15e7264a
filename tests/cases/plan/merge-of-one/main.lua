return merge { file { path = "a", text = "" } }
