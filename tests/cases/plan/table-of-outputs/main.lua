local x = import "x"
return { default = x, lib = x, tree = x.raw }
