-- SPDX-License-Identifier: MIT
-- The library alone. The release's repository archive has no configure yet.
return package {
  name = "nghttp2",
  version = "1.52.0",
  summary = "HTTP/2 framing and header compression library",
  homepage = "https://nghttp2.org/",
  licence = "MIT",
  source = fetch {
    url = {
      "https://github.com/nghttp2/nghttp2/archive/refs/tags/v${version}.tar.gz",
      "mirror://debian/pool/main/n/nghttp2/nghttp2_${version}.orig.tar.gz",
    },
    sha256 = "6b71561a9950b4a90fa36aa3160763f1437f3730d7a12434e416aa3f4ab145e0",
  },
  build = autotools {
    reconf = true,
    configure = { "--enable-lib-only", "--disable-static" },
    after = [[
      # Upstream's own demonstration: headers go through the shared library and back.
      cc -Ilib/includes -o deflate examples/deflate.c -Llib/.libs -lnghttp2
      LD_LIBRARY_PATH=lib/.libs ./deflate | grep -q 'Inflate'
      # Manual pages and a script of the programs that are not built.
      rm -r "$DESTDIR$PREFIX/share/man" "$DESTDIR$PREFIX/share/nghttp2"
    ]],
  },
}
