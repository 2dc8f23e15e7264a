local t = import "toolchain"
t.rust = nil
t.go = t.default
return t
