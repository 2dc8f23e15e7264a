#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The small recipes: hello, and a Rust program that says where it lies.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../lib.sh"
export BRUN_STORE=${BRUN_PACKAGES_STORE:-$T/store}
cd "$T" || exit 2

check "hello builds" "$BRUN" build "$top/recipes/hello.lua" -o hello
expect "and greets" 0 "Hello, world!" hello/bin/hello
expect "brun run runs it with arguments" 0 "hi there" "$BRUN" run "$top/recipes/hello.lua" -- --greeting="hi there"

check "lil-demo builds" "$BRUN" build "$top/recipes/lil-demo" -o demo
expect "it says where it lies" 0 "Hello from $T/demo/bin/lil-demo" demo/bin/lil-demo
mv demo elsewhere
expect "wherever that is" 0 "Hello from $T/elsewhere/bin/lil-demo" elsewhere/bin/lil-demo
ln -s elsewhere/bin/lil-demo link
expect "through a symlink, too" 0 "Hello from $T/elsewhere/bin/lil-demo" ./link
env -i A=1 B=2 elsewhere/bin/lil-demo env >"$T/child" 2>&1
check "what it starts sees the very same environment" [ "$(grep -v '^Hello from' child)" = "$(printf 'A=1\nB=2')" ]

# What curl is made of, each packed by itself.
for name in zlib nghttp2 ca-certificates zstd openssl; do
	check "$name builds, and what it packs passes its test" "$BRUN" build "$top/recipes/$name.lua" -o "$name"
done
