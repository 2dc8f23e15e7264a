#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun gc and brun root: what goes, what stays, and what happens beside running builds and under kill -9.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2

# pair NAME TEXT: two steps, one on the other, and a file with that text below both.
pair() {
	recipe "$1" <<-EOF
		local words = run { name = "words-$1", base = base, src = file { path = "text", text = "$2" }, script = [[
		mkdir -p \$DESTDIR\$PREFIX; cat text >\$DESTDIR\$PREFIX/words; echo made $1
		]] }
		return run { name = "shout-$1", base = base, deps = { words }, script = [[
		mkdir -p \$DESTDIR\$PREFIX; tr a-z A-Z <\$PREFIX/words >\$DESTDIR\$PREFIX/shout
		]] }
	EOF
}

# count FOLDER: how many names it has.
count() { find "$BRUN_STORE/$1" -mindepth 1 -maxdepth 1 | wc -l; }
# idle NAME RECIPE…: the build runs nothing.
idle() {
	local name=$1
	shift
	"$BRUN" build --json "$@" >/dev/null 2>"$T/events"
	if [ "$(started "$T/events")" = 0 ]; then ok "$name"; else not_ok "$name" "$T/events"; fi
}
# busy NAME RECIPE…: the build runs something, and succeeds.
busy() {
	local name=$1
	shift
	if "$BRUN" build --json "$@" >/dev/null 2>"$T/events" && [ "$(started "$T/events")" != 0 ]; then
		ok "$name"
	else
		not_ok "$name" "$T/events"
	fi
}

pair one "some words"
pair two "other words"

check "gc makes nothing of an empty store" "$BRUN" gc
check "two recipes are built" "$BRUN" build one.lua -o one
check "one of them without an output directory" "$BRUN" build two.lua
expect "a dry run names what would go" 0 "words-two" "$BRUN" gc --dry-run
expect "and what would stay" 0 "kept 4 trees, 1 fetched file" "$BRUN" gc --dry-run
check "and takes nothing" test "$(count trees)" = 7
expect "a collection takes what no output rests on" 0 "removed 3 trees" "$BRUN" gc
check "trees and manifests are in step" [ "$(count trees)" = "$(count manifests)" ]
check "no log without its record is left" [ "$(count logs)" -le "$(count actions)" ]
idle "what an output was made from is still there" one.lua -o one
busy "what nobody kept is built anew" two.lua

check "a tree gets a name" "$BRUN" root add second two.lua
expect "roots are listed: names" 0 "second" "$BRUN" root list
expect "and output directories" 0 "$T/one" "$BRUN" root list
check "a collection" "$BRUN" gc
idle "keeps what has a name" two.lua
check "a name can go" "$BRUN" root remove second
expect "but only once" 2 "no root 'second'" "$BRUN" root remove second
expect "a name is a name" 2 "can't be the name" "$BRUN" root add ../x one.lua
expect "a verb is a verb" 2 "it can add NAME" "$BRUN" root sing
check "then" "$BRUN" gc
busy "it is built anew" two.lua

mv one moved
check "an output that was moved" "$BRUN" gc
check "is no root any more" [ -z "$("$BRUN" root list)" ]
check "and its line is gone" [ "$(count roots)" = 0 ]
check "what is in it is still there" grep -qx "SOME WORDS" moved/shout
busy "but it is built anew" one.lua -o one
rm -rf moved

# age and size
check "both are there" "$BRUN" build two.lua
check "what was used lately stays by age" "$BRUN" gc --older-than 1h
idle "with all below it" two.lua
find "$BRUN_STORE/actions" -name '*.json' -exec touch -d '3 days ago' {} +
expect "what was not goes" 0 "removed 3 trees" "$BRUN" gc --older-than 2d
"$BRUN" build two.lua >/dev/null 2>&1
find "$BRUN_STORE/actions" -name '*.json' -exec touch -d '3 days ago' {} +
"$BRUN" build two.lua >/dev/null 2>&1
check "a build notes what it used" "$BRUN" gc --older-than 2d
idle "so that this stays" two.lua
check "a size that is enough" "$BRUN" gc --max-size 10G
idle "keeps all" two.lua
check "one that is not" "$BRUN" gc --max-size 1k
busy "keeps the roots alone" two.lua
idle "which have all that they had" one.lua -o one
for bad in 12 0x1s "1 d" d; do
	expect "the age '$bad' is none" 2 "is no age" "$BRUN" gc --older-than "$bad"
done
expect "a size is a size" 2 "is no size" "$BRUN" gc --max-size large

# what failed
recipe fails <<'RECIPE'
return run { name = "fails", base = base, script = [[ echo no; exit 1 ]] }
RECIPE
expect "a step fails" 1 "no" "$BRUN" build -K fails.lua
check "gc leaves what failed lately" "$BRUN" gc
check "its directory" [ "$(count failed)" = 1 ]
expect "and its log" 0 "no" "$BRUN" log fails.lua
check "but not for ever" "$BRUN" gc --older-than 0s
check "then the directory is gone" [ "$(count failed)" = 0 ]
expect "and the log" 2 "no step" "$BRUN" log fails.lua

# plans
check "plans are as many as lead somewhere" "$BRUN" gc
check "which is one output's" [ "$(count plans)" -le 1 ]

# a collection beside a build: the step waits for a file, and everything below it is on its own
recipe slow <<'RECIPE'
local words = run { name = "words-slow", base = base, script = [[ mkdir -p $DESTDIR$PREFIX; echo slow >$DESTDIR$PREFIX/words ]] }
return run { name = "slow", base = base, deps = { words }, script = [[
echo ready; while [ ! -e /build/go ]; do sleep 0.1; done
mkdir -p $DESTDIR$PREFIX; cat $PREFIX/words >$DESTDIR$PREFIX/slow
]] }
RECIPE
"$BRUN" build slow.lua -o slow 2>"$T/told" >/dev/null &
build=$!
until place=$(find "$BRUN_STORE/tmp" -path '*/step/build' -type d 2>/dev/null) && [ -n "$place" ] &&
	grep -qs ready "$BRUN_STORE"/logs/*.log; do
	kill -0 $build || break
done
expect "a collection beside a build" 0 "kept" "$BRUN" gc --older-than 0s
check "leaves the log of the step that runs" grep -qs ready "$BRUN_STORE"/logs/*.log
touch "$place/go"
if wait $build && grep -qx slow slow/slow; then ok "leaves what it works with"; else not_ok "leaves what it works with" "$T/told"; fi
idle "and what it has made" slow.lua -o slow
# shellcheck disable=SC2016 # the inner shell expands them
expect "two collections take turns" 0 "kept" bash -c '"$BRUN" gc & "$BRUN" gc && wait $!'

# kill -9 at moments: each time the next build and the next collection are right
pair three "third words"
lost=0
for moment in 0.001 0.002 0.003 0.004 0.005 0.006 0.008 0.01 0.012 0.015 0.02 0.03; do
	"$BRUN" build three.lua >/dev/null 2>&1 || lost=$((lost + 1))
	timeout -s KILL "$moment" "$BRUN" gc >/dev/null 2>&1
	output=$("$BRUN" build three.lua 2>/dev/null)
	[ "$(cat "$output/shout")" = "THIRD WORDS" ] || lost=$((lost + 1))
	"$BRUN" build --json one.lua -o one >/dev/null 2>"$T/events"
	[ "$(started "$T/events")" = 0 ] || lost=$((lost + 1))
done
check "a killed collection loses nothing" [ "$lost" = 0 ]
check "the next one" "$BRUN" gc
check "ends what it began" [ "$(count trash)" = 0 ]
