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
      # Manual pages and a script of the programs that are not built.
      rm -r "$DESTDIR$PREFIX/share/man" "$DESTDIR$PREFIX/share/nghttp2"
    ]],
  },
  test = function(t)
    -- Upstream's own demonstration compresses headers, and restores them on its standard error, which
    -- isn't buffered and so comes first.
    t:build [[cc -o "$DESTDIR$PREFIX/bin/deflate" examples/deflate.c -lnghttp2]]
    t:run { "deflate", match = "referer: https://example.org\nInput (87 byte(s))" }
  end,
}
