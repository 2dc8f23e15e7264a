return merge { import "a" }
