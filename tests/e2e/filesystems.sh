#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A store on file systems that can't do everything: what brun does without, and what it says where it can't.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2
refuse=$(dirname "$BRUN")/../tests/refuse

recipe one <<'RECIPE'
local words = run { name = "words", base = base, script = [[ mkdir -p $DESTDIR$PREFIX; echo words >$DESTDIR$PREFIX/words ]] }
local more = file { path = "more", text = "more\n" }
return run { name = "shout", base = base, deps = { merge { words, more } }, script = [[
mkdir -p $DESTDIR$PREFIX; cat $PREFIX/words $PREFIX/more >$DESTDIR$PREFIX/shout ]] }
RECIPE

for answer in ENOLCK EOPNOTSUPP ENOSYS; do
	"$refuse" "$answer" flock true 2>/dev/null || continue # an errno of another name here
	expect "no flock ($answer): brun says so" 7 "flock in the store" "$refuse" "$answer" flock "$BRUN" build one.lua
	expect "and what to do" 7 "set BRUN_STORE to a directory on a local disk" "$refuse" "$answer" flock "$BRUN" build one.lua
	expect "gc says so" 7 "flock in the store" "$refuse" "$answer" flock "$BRUN" gc
done

# without CALL ERRNO WHAT: a build, and its output put over another one's, go well all the same.
without() {
	rm -rf "$T/store" output
	check "$3: a build" "$refuse" "$2" "$1" "$BRUN" build one.lua -o output
	check "$3: its output" grep -qx words output/shout
	sed -i 's/"more\\n"/"other\\n"/' one.lua
	check "$3: another output in its place" "$refuse" "$2" "$1" "$BRUN" build one.lua -o output
	check "$3: is the new one" grep -qx other output/shout
	check "$3: and nothing is left beside it" [ -z "$(find . -maxdepth 1 -name '.output*')" ]
	sed -i 's/"other\\n"/"more\\n"/' one.lua
	expect "$3: verify" 0 "all is well" "$refuse" "$2" "$1" "$BRUN" verify
	check "$3: gc" "$refuse" "$2" "$1" "$BRUN" gc
}
without renameat2 EINVAL "no rename exchange"
without renameat2 ENOSYS "no renameat2"
without linkat EPERM "no hard links"
without linkat EMLINK "no more hard links"
without copy_file_range ENOSYS "no copy_file_range"
without copy_file_range EXDEV "copy_file_range on one file system only"
