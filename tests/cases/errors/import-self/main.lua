return merge { import "main" }
