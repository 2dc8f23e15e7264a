-- SPDX-License-Identifier: MIT
-- As with zlib, the archive's tarball is repacked: the mirror is its only address.
return package {
  name = "zstd",
  version = "1.5.4",
  summary = "Fast lossless compression: library and command-line tool",
  homepage = "https://facebook.github.io/zstd/",
  licence = "BSD-3-Clause",
  main = "zstd",
  source = fetch {
    url = "mirror://debian/pool/main/libz/libzstd/libzstd_${version}+dfsg2.orig.tar.xz",
    sha256 = "8cf4bbb65e77ec348d052c8d6230eba66d435bddf64c8b5be2fcb16880c19953",
  },
  env = { CFLAGS = "-O3" }, -- what upstream measures with
  build = function(b)
    -- The tool would take other formats from whatever libraries it finds: it finds none.
    b:sh [[
      flags="HAVE_ZLIB=0 HAVE_LZMA=0 HAVE_LZ4=0 BACKTRACE=0"
      make -j"$JOBS" -C lib lib-mt PREFIX="$PREFIX"
      make -j"$JOBS" -C programs zstd-release PREFIX="$PREFIX" $flags
      make -C lib install-shared install-includes install-pc PREFIX="$PREFIX"
      make -C programs install PREFIX="$PREFIX" $flags
      # Shell scripts around the tool that need a shell, less and grep to be of use.
      cd "$DESTDIR$PREFIX"
      rm bin/zstdgrep bin/zstdless share/man/man1/zstdgrep.1 share/man/man1/zstdless.1
    ]]
  end,
  test = function(t)
    t:run { "zstd", "--version", match = "v${version}" }
    -- Compresses its own file and takes it back, and says how small it got.
    t:run { "zstd", "-b1", "-i0", "/output/bin/zstd", match = "MB/s" }
  end,
}
