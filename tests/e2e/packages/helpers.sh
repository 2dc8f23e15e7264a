#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One recipe a helper that programs.sh and curl.sh do not use: make, cmake, meson. Each has its test.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../lib.sh"
export BRUN_STORE=${BRUN_PACKAGES_STORE:-$T/store}
cd "$T" || exit 2
check "make: lz4 builds" "$BRUN" build "$top/recipes/lz4.lua" -o lz4
check "cmake: brotli builds" "$BRUN" build "$top/recipes/brotli.lua" -o brotli
check "meson: pkgconf builds" "$BRUN" build "$top/recipes/pkgconf.lua" -o pkgconf
echo "this text comes back, comes back, comes back" >text
lz4/bin/lz4 -q text text.lz4 && brotli/bin/brotli text
check "lz4 gives back what it took" cmp text <(lz4/bin/lz4 -dc text.lz4)
check "brotli gives back what it took" cmp text <(brotli/bin/brotli -dc text.br)
printf 'Name: x\nDescription: x\nVersion: 7\n' >x.pc
check "pkgconf reads a package's file" [ "$(PKG_CONFIG_PATH=$T pkgconf/bin/pkgconf --modversion x 2>&1)" = 7 ]
