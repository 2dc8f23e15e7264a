-- SPDX-License-Identifier: MIT
-- The library alone. The release's repository archive has no configure yet.
return package {
  name = "nghttp2",
  version = "1.64.0",
  summary = "HTTP/2 framing and header compression library",
  homepage = "https://nghttp2.org/",
  licence = "MIT",
  base = import("toolchain").autotools,
  source = fetch {
    url = {
      "https://github.com/nghttp2/nghttp2/archive/refs/tags/v${version}.tar.gz",
      "mirror://debian/pool/main/n/nghttp2/nghttp2_${version}.orig.tar.gz",
    },
    sha256 = "b452dc69a1fcbc9375389b8b154175d8b7b125cdd713fc426774c2b79a1ebd77",
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
