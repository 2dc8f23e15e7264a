return merge { import "b" }
