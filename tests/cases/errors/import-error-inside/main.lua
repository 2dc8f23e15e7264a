local x = 1
return merge { import "a" }
