#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun verify: what it finds, and that --repair lets the next build make it anew.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2

recipe one <<'RECIPE'
local words = run { name = "words", base = base, script = [[
mkdir -p $DESTDIR$PREFIX/share; echo some words >$DESTDIR$PREFIX/share/words; ln -s words $DESTDIR$PREFIX/share/link
]] }
local more = file { path = "more", text = "more" }
local both = merge { words, more }
return run { name = "shout", base = base, deps = { both }, script = [[
mkdir -p $DESTDIR$PREFIX; tr a-z A-Z <$PREFIX/share/words >$DESTDIR$PREFIX/shout
]] }
RECIPE

expect "an empty store is well" 0 "all is well" "$BRUN" verify
check "a recipe is built" "$BRUN" build one.lua -o one
expect "its store is well" 0 "all is well" "$BRUN" verify
expect "each file is read once, whatever its names" 0 "$(find "$BRUN_STORE/trees" "$BRUN_STORE/blobs" -type f -printf '%i\n' |
	sort -u | wc -l) files read" "$BRUN" verify

record_of() { grep -l "\"name\": \"$1\"" "$BRUN_STORE"/actions/*.json; }
tree_of() { echo "$BRUN_STORE/trees/$(sed -n 's/.*"output": "\([0-9a-f]*\)".*/\1/p' "$(record_of "$1")")"; }

# damaged NAME TEXT: verify finds what the caller has just damaged, and says so; --repair sets it aside; after the
# next build all is well, and the output is what it was.
damaged() {
	expect "$1: found" 7 "$2" "$BRUN" verify
	expect "$1: set aside" 7 "set aside" "$BRUN" verify --repair
	expect "$1: then nothing is wrong" 0 "all is well" "$BRUN" verify
	check "$1: made anew" "$BRUN" build one.lua
	check "$1: as it was" grep -qx "SOME WORDS" "$("$BRUN" build one.lua 2>/dev/null)/shout"
	expect "$1: and all is well" 0 "all is well" "$BRUN" verify
	"$BRUN" gc >/dev/null
}
# write FILE: lets a sealed file be written to, whoever runs this.
write() { chmod u+w "$1" "$(dirname "$1")" "$(dirname "$(dirname "$1")")"; }

words=$(tree_of words)/share/words
write "$words" && echo other words >"$words" && touch -d @1 "$words" && chmod 444 "$words"
damaged "other contents" "share/words' is not what the tree's manifest says"
words=$(tree_of words)/share/words
write "$words" && rm "$words"
damaged "a file that is gone" "'share/words' is missing"
write "$(tree_of words)/share" && echo >"$(tree_of words)/share/new"
chmod 444 "$(tree_of words)/share/new" && touch -d @1 "$(tree_of words)/share/new"
damaged "a file too many" "'share/new' does not belong to the tree"
touch "$(tree_of words)/share/words"
damaged "another time" "mode or time"
chmod 755 "$(tree_of words)/share/words"
damaged "another mode" "mode or time"
write "$(tree_of words)/share" && ln -sfn nowhere "$(tree_of words)/share/link"
damaged "another link" "'share/link' is not what"
manifest=$(tree_of words | sed s/trees/manifests/)
chmod 644 "$manifest" && echo junk >"$manifest"
damaged "a damaged manifest" "manifest"
rm "$manifest"
damaged "a manifest that is gone" "it has no manifest"
echo junk >"$(record_of words)"
damaged "a damaged record" "record"
sed -i 's/some words/other words/' "$(record_of words)"
damaged "a record of other components" "its key is not the hash of its components"
mv "$(record_of words)" "$BRUN_STORE/actions/$(printf 'a%.0s' {1..64}).json"
damaged "a record under another key" "the record of another key"
blob=$(find "$BRUN_STORE/blobs" -type f)
chmod u+w "$blob" && echo junk >>"$blob"
damaged "a fetched file" "its SHA-256 is not its name"
# forget: all but what was fetched
forget() { chmod -R u+w "$BRUN_STORE/trees" && rm -rf "$BRUN_STORE"/trees/* "$BRUN_STORE"/manifests/* "$BRUN_STORE"/actions/*; }
forget
"$BRUN" build one.lua >/dev/null 2>&1
blob=$(find "$BRUN_STORE/blobs" -type f)
chmod u+w "$blob" && : >"$blob"
forget
expect "a fetched file that is damaged is no archive's fault" 7 "mv '$blob' '$blob.damaged'" "$BRUN" build one.lua
mv "$blob" "$T/damaged"
check "once it is out of the way it is fetched anew" "$BRUN" build one.lua
touch "$BRUN_STORE/stray" "$BRUN_STORE/trees/stray" && mkdir "$BRUN_STORE/actions/stray"
damaged "strays" "trees/stray: it belongs nowhere"

rm "$BRUN_STORE"/logs/*
expect "a log that is gone is no fault, but is told" 0 "2 steps have lost their log" "$BRUN" verify
check "outputs have nothing to do with it" grep -qx "SOME WORDS" one/shout

words=$(tree_of words)
find "$words" -type d -exec chmod u+w {} + && rm -rf "$words" && rm -f "${words/trees/manifests}"
expect "an output that is gone whole is no fault, but is told" 0 "1 outputs are known, but not here" "$BRUN" verify
