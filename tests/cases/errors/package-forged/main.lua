local forged = setmetatable({ raw = 5 }, { __metatable = "package" })
return run { name = "x", base = forged, script = "true" }
