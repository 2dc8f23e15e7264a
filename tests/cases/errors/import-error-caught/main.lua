local is_good = pcall(import, "a")
assert(not is_good)
return import "a"
