#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun build: outputs, hits, early cut-off, several processes.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2

# build ARG…: with JSON events in $T/events.
build() { "$BRUN" build --json "$@" 2>"$T/events"; }

# runs NAME COUNT COMMAND…: the build succeeds and starts that many actions.
runs() {
	local name=$1 count=$2 got
	shift 2
	if build "$@" >"$T/out" && got=$(started "$T/events") && [ "$got" = "$count" ]; then ok "$name"; else
		echo "#   started ${got:-?} actions, expected $count"
		not_ok "$name" "$T/events"
	fi
}

two_steps() {
	recipe two <<EOF
-- $2
local words = run { name = "words", base = base, script = [[
mkdir -p \$DESTDIR\$PREFIX/share
# $1
echo $3 >\$DESTDIR\$PREFIX/share/words
]] }
return run { name = "shout", base = base, deps = { words }, script = [[
mkdir -p \$DESTDIR\$PREFIX/share
tr a-z A-Z <\$PREFIX/share/words >\$DESTDIR\$PREFIX/share/shout
]] }
EOF
}

two_steps "first" "a comment" "hello"
# fetch, unpack, two runs, and what lays the one dependency out as a prefix
build two.lua -o output >"$T/path"
check "a recipe builds into a directory" [ $? -eq 0 ]
check "the output is what the step installed" grep -qx HELLO output/share/shout
check "its path is printed" grep -qx output "$T/path"
first=$(started "$T/events")
check "that took several actions" [ "$first" -ge 4 ]

runs "the second build runs nothing" 0 two.lua -o output
rm -rf output
runs "nor when the output directory is gone" 0 two.lua -o output
check "and it is there again" grep -qx HELLO output/share/shout
runs "nor without a network" 0 --offline two.lua -o output

two_steps "first" "another comment" "hello"
runs "a changed comment rebuilds nothing" 0 two.lua -o output
two_steps "second" "another comment" "hello"
runs "a step whose output comes out the same stops the rebuild there" 1 two.lua -o output
two_steps "second" "another comment" "bye"
build two.lua -o output >/dev/null
check "a changed step rebuilds what depends on it" grep -qx BYE output/share/shout

chmod u+w output && echo mine >output/mine
two_steps "third" "another comment" "bye bye"
check "an output of ours is replaced as a whole" build two.lua -o output
check "with what was put into it" [ ! -e output/mine ]
two_steps "second" "another comment" "bye"
build two.lua -o output >/dev/null
mkdir foreign && echo precious >foreign/file
expect "a foreign directory is not replaced" 2 foreign "$BRUN" build two.lua -o foreign
check "and nothing in it is lost" grep -qx precious foreign/file
check "--force replaces it" build two.lua -o foreign --force
check "with the output" grep -qx BYE foreign/share/shout
expect "a missing parent is said before anything is built" 2 "nowhere" "$BRUN" build two.lua -o nowhere/output

# what a person may do with an output changes nothing in the store
chmod -R u+w output && echo vandal >output/share/shout
rm -rf output
runs "a vandalised output leaves the store alone" 0 two.lua -o output
check "and comes back whole" grep -qx BYE output/share/shout

# what is said goes into no file of the store, whatever number that would get
chmod -R u+w output && rm -rf output
BRUN_STORE=$T/mute "$BRUN" build two.lua -o output <&- >&- 2>&-
check "without stdin, stdout and stderr: the result can't be written" [ $? -eq 7 ]
check "but all is built" grep -qx BYE output/share/shout
check "and the store is well" "$BRUN" verify --store "$T/mute"

# without $BRUN_STORE
check "a store at \$XDG_DATA_HOME" env -u BRUN_STORE XDG_DATA_HOME="$T/data" HOME="$T/home" "$BRUN" build two.lua
check "lies in a folder of its own" test -s data/brun/version
check "or below \$HOME" env -u BRUN_STORE -u XDG_DATA_HOME HOME="$T/home" "$BRUN" build two.lua
check "lies where programs have their data" test -s home/.local/share/brun/version

# two processes
recipe slow <<'EOF'
return run { name = "slow", base = base, script = [[
mkdir -p $DESTDIR$PREFIX
echo begun; sleep 10
echo done >$DESTDIR$PREFIX/slow
]] }
EOF
"$BRUN" build --json slow.lua -o slow1 2>events1 >/dev/null &
one=$!
"$BRUN" build --json slow.lua -o slow2 2>events2 >/dev/null &
two=$!
wait "$one"
status1=$?
wait "$two"
status2=$?
check "two builds at once both succeed" [ "$status1$status2" = 00 ]
check "both have the output" cmp slow1/slow slow2/slow
check "the other was told on whom it waits" grep -q '"waiting".*"pid":[1-9]' events1 events2
check "one of them built" [ "$(cat events1 events2 | grep '"started"' | grep -c slow)" = 1 ]

# a process that is killed at any moment
for phase in 1 2 3 4 5; do
	export BRUN_STORE=$T/killed$phase
	"$BRUN" build --json slow.lua -o killed 2>events >/dev/null &
	pid=$!
	# While it lives: a build that fails at once must fail the test, not hang it.
	while kill -0 "$pid" 2>/dev/null; do
		case $phase in
		1) [ ! -d "$BRUN_STORE" ] || break ;;
		2) [ "$(started events)" -lt 1 ] || break ;;
		3) [ "$(started events)" -lt 2 ] || break ;;
		4) [ "$(started events)" -lt 3 ] || break ;;
		*) ! grep -q '"text":"begun' events || break ;;
		esac
	done
	check "phase $phase is cut short" kill -9 "$pid"
	wait "$pid" 2>/dev/null
	check "after kill -9 in phase $phase the next build succeeds" "$BRUN" build slow.lua -o killed
	check "and leaves nothing behind" [ -z "$(find "$BRUN_STORE/tmp" "$BRUN_STORE/locks" -mindepth 1 2>/dev/null)" ]
	rm -rf "$BRUN_STORE" killed 2>/dev/null || { chmod -R u+w "$BRUN_STORE" && rm -rf "$BRUN_STORE"; }
done
