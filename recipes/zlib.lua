-- SPDX-License-Identifier: MIT
-- The archive's tarball is upstream's 1.3.1 without the parts that Debian may not ship (it has
-- other bytes than upstream's own), so the mirror is the only address that serves this hash.
return package {
  name = "zlib",
  version = "1.3.1",
  summary = "Compression library that implements deflate",
  homepage = "https://zlib.net/",
  licence = "Zlib",
  source = fetch {
    url = "mirror://debian/pool/main/z/zlib/zlib_1.3.dfsg+really${version}.orig.tar.gz",
    sha256 = "60dd315c07f616887caa029408308a018ace66e3d142726a97db164b3b8f69fb",
  },
  build = function(b)
    b:configure()
    b:make()
    -- Compresses and restores with the shared library.
    b:make { "test" }
    b:install()
    b:sh [[rm "$DESTDIR$PREFIX/lib/libz.a"]]
  end,
}
