local function tree() return file { path = "a", text = "" } end
local other = file { path = "unused", text = "" }
assert(other ~= tree() and tree() == tree())
return merge { tree(), file { path = "b", text = "" }, tree() }
