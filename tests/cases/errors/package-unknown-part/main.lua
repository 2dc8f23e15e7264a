local zlib = import "zlib"
return zlib.devel
