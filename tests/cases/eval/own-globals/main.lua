string.upper = nil
local a = import "a"
return a
