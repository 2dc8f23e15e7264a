local function f(x) return 1 + f(x) end
return f(1)
