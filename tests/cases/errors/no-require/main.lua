local x = require "x"
return x
