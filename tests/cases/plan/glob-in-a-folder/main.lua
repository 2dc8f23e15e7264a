return merge { import "a", import "b" }
