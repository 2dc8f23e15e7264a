#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun build --rebuild: what comes out the same passes, what does not is named, file by file, and both are kept.
# What stands in single quotes is for the shell in the sandbox.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2

# --- what is reproducible
recipe below <<'EOF'
return run { name = "below", base = base, script = "mkdir -p $DESTDIR$PREFIX; cat /proc/sys/kernel/random/uuid >$DESTDIR$PREFIX/below" }
EOF
recipe good <<'EOF'
return package { name = "good", version = "1", base = base, build_deps = { "below" }, build = function(b)
  b:sh "mkdir -p $DESTDIR$PREFIX/share $DESTDIR$PREFIX/include; echo text >$DESTDIR$PREFIX/share/text; echo >$DESTDIR$PREFIX/include/x.h"
end }
EOF
"$BRUN" build --json --rebuild good.lua -o output >path 2>first
check "what was never built is built twice" [ "$(grep -c '"started".*"kind":"run","name":"good-1"' first)" = 2 ]
check "and its output is delivered" test -f output/share/text
"$BRUN" build --json --rebuild good.lua >path 2>second
check "what is there is built once" [ "$(grep -c '"started".*"kind":"run"' second)" = 1 ]
check "with what selects and packs it" [ "$(grep -c '"started".*"kind":"\(filter\|pack\)"' second)" = 2 ]
check "not what it depends on" [ -z "$(grep '"started".*"name":"below"' second)" ]
check "the tree's path is the result" test -f "$(cat path)/share/text"
expect "it says so" 0 "came out the same again" "$BRUN" build --rebuild good.lua
expect "a part of a package is the package's step" 0 "came out the same again" "$BRUN" build --rebuild good.lua:dev
expect "nothing runs in a dry run" 2 "exclude each other" "$BRUN" build --rebuild --dry-run good.lua

# --- what is not
recipe bad <<'EOF'
return run { name = "bad", base = base, script = [[
out=$DESTDIR$PREFIX
mkdir -p $out/dir $out/same
cat /proc/sys/kernel/random/uuid >uuid
id=$(cat uuid)
echo always the same >$out/same/file
{ echo 12345678; cat uuid; } >$out/dir/contents
{ head -c 70000 /dev/zero; cat uuid uuid; } >$out/large
ln -s $id $out/link
echo >$out/name-$id
]] }
EOF
check "the first build is as good as any" "$BRUN" build bad.lua
first=$(cat out)
expect "the second one is compared" 8 "'bad' is not reproducible" "$BRUN" build --rebuild bad.lua -o kept
cp err told
told() { grep -qE "$1" told; }
check "where it is defined" told "defined at .*bad.lua:2"
check "contents differ, from which byte on" told "'dir/contents': contents, from byte (9|1[0-9]|2[0-9]) on"
check "far into a file, too" told "'large': contents, from byte 700[0-9][0-9] on"
check "a link's target" told "'link': a link to '[0-9a-f-]+', then to '[0-9a-f-]+'"
check "a name only the first time" told "'name-.*': only the first time"
check "a name only the second time" told "'name-.*': only the second time"
check "and nothing of what is the same" [ -z "$(grep 'same/file' told)" ]
check "the first tree is named" grep -qF "first  $first" told
second=$(sed -n 's/^  again  //p' told)
check "both are kept" test -f "$first/same/file" -a -f "$second/same/file" -a "$first" != "$second"
diff=$(sed -n 's/^to look closer: //p' told)
check "the command for a diff tool works as it stands" sh -c "$diff | grep -q '^Only in'"
check "nothing was delivered" test ! -e kept
expect "the record is that of the first" 0 "$first" "$BRUN" build bad.lua
"$BRUN" build --json --rebuild bad.lua 2>events
check "it is an event" grep -q '"failed".*"name":"bad".*"status":8' events

recipe many <<'EOF'
return run { name = "many", base = base, script = [[
mkdir -p $DESTDIR$PREFIX
for i in 1 2 3 4 5; do for j in 1 2 3 4 5; do cat /proc/sys/kernel/random/uuid >$DESTDIR$PREFIX/$i$j; done; done
]] }
EOF
expect "not all of many are shown" 8 "and 5 more" "$BRUN" build --rebuild many.lua
recipe modes <<'EOF'
return run { name = "modes", base = base, script = [[
mkdir -p $DESTDIR$PREFIX
echo >$DESTDIR$PREFIX/file
case $(cat /proc/sys/kernel/random/uuid) in [0-7]*) chmod +x $DESTDIR$PREFIX/file ;; esac
]] }
EOF
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	"$BRUN" build --rebuild modes.lua >out 2>told || break
done
check "an executable bit" told "'file': a(n executable file, then a file that can't be executed| file that can't be executed, then an executable file)"
recipe chatty <<'EOF'
return run { name = "chatty", base = base, script = "mkdir -p $DESTDIR$PREFIX; echo >$DESTDIR$PREFIX/x; echo more than one byte" }
EOF
check "a step" "$BRUN" build chatty.lua
expect "that fails the second time" 9 "more than 1 B" "$BRUN" build --rebuild --limit log=1 chatty.lua
