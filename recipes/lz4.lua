-- SPDX-License-Identifier: MIT
-- The plainest case of make{…}: a Makefile that knows PREFIX and DESTDIR.
return package {
  name = "lz4",
  version = "1.9.4",
  summary = "Extremely fast compression: library and command-line tool",
  homepage = "https://lz4.org/",
  licence = "BSD-2-Clause AND GPL-2.0-or-later",
  main = "lz4",
  source = fetch {
    url = {
      "https://github.com/lz4/lz4/archive/refs/tags/v${version}.tar.gz",
      "mirror://debian/pool/main/l/lz4/lz4_${version}.orig.tar.gz",
    },
    sha256 = "0b0e3aa07c8c063ddf40b082bdf7e37a1562bda40a0ff5272957f3e987e0e54b",
  },
  env = { CFLAGS = "-O3" },
  build = make { vars = { BUILD_STATIC = "no" } },
  test = function(t)
    t:run { "lz4", "--version", match = "v${version}" }
    t:run { "lz4", "-b1", "-i0", "/output/bin/lz4", match = "lz4" }
  end,
}
