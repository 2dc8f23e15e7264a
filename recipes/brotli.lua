-- SPDX-License-Identifier: MIT
return package {
  name = "brotli",
  version = "1.0.9",
  summary = "Compression of the web: libraries and command-line tool",
  homepage = "https://github.com/google/brotli",
  licence = "MIT",
  main = "brotli",
  source = fetch {
    url = {
      "https://github.com/google/brotli/archive/refs/tags/v${version}.tar.gz",
      "mirror://debian/pool/main/b/brotli/brotli_${version}.orig.tar.gz",
    },
    sha256 = "f9e8d81d0405ba66d181529af42a3354f838c939095ff99930da6aa9cdf6fe46",
  },
  build = cmake {
    options = { BROTLI_DISABLE_TESTS = true },
    -- Upstream builds the libraries in both forms, with no choice.
    after = [[rm "$DESTDIR$PREFIX"/lib/*-static.a]],
  },
  test = function(t)
    t:run { "brotli", "--version", match = "brotli ${version}" }
    t:run { "brotli", "--test", "/output/bin/brotli", exit = 1, match = "corrupt input" }
  end,
}
