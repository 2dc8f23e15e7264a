-- SPDX-License-Identifier: MIT
-- The archive's tarball is upstream's 1.2.13 without the parts that Debian may not ship (it has
-- other bytes than upstream's own), so the mirror is the only address that serves this hash.
return package {
  name = "zlib",
  version = "1.2.13",
  summary = "Compression library that implements deflate",
  homepage = "https://zlib.net/",
  licence = "Zlib",
  source = fetch {
    url = "mirror://debian/pool/main/z/zlib/zlib_${version}.dfsg.orig.tar.bz2",
    sha256 = "71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1",
  },
  build = function(b)
    b:configure()
    b:make()
    -- Compresses and restores with the shared library.
    b:make { "test" }
    b:install()
    b:sh [[rm "$DESTDIR$PREFIX/lib/libz.a"]]
  end,
  test = function(t)
    -- Upstream's own example goes through every part of the interface, files included.
    t:build [[cc -o "$DESTDIR$PREFIX/bin/example" test/example.c -lz]]
    t:run { "example", match = "zlib version ${version}" }
    t:run { "example", match = "inflate with dictionary: hello, hello!" }
  end,
}
