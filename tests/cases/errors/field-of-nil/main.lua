local t
local x = t.field
return x
