local n = 0
n = n + 1
return setmetatable({ n = n }, { __eq = function() return false end })
