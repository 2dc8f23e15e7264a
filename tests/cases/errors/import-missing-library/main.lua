return merge { import "opensl" }
