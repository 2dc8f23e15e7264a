#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun build with nothing to do: what is remembered, and what makes brun look again.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2
check "what finds nothing to do has neither the network's code nor archives'" [ -z "$(ldd "$BRUN" | grep -E "libcurl|libarchive")" ]

# step NAME TEXT COMMENT: a recipe whose one step installs share/word with that text.
step() {
	recipe "$1" <<-EOF
		-- $3
		return run { name = "$1", base = base, script = [[
		mkdir -p \$DESTDIR\$PREFIX/share
		echo $2 >\$DESTDIR\$PREFIX/share/word
		]] }
	EOF
}

# What is remembered, as the file that holds it: a build that has to look again replaces it.
memory() { find "$BRUN_STORE/plans" -type f -printf '%f %i %C@\n' | sort; }

# settle ARG…: forgets all, and builds until something is remembered. What has only just changed is not, hence
# the loop.
settle() {
	local tries=0
	rm -f "$BRUN_STORE"/plans/*
	while [ -z "$(memory)" ] && [ "$tries" -lt 1000 ]; do
		"$BRUN" build "$@" >/dev/null 2>&1 || return 1
		tries=$((tries + 1))
	done
	[ -n "$(memory)" ]
}

# renews ARG…: builds until what is remembered is replaced, which happens only where brun looked again.
renews() {
	local before tries=0
	before=$(memory)
	while [ "$before" = "$(memory)" ] && [ "$tries" -lt 1000 ]; do
		"$BRUN" build "$@" >/dev/null 2>&1 || return 1
		tries=$((tries + 1))
	done
	[ "$before" != "$(memory)" ]
}

# silent NAME ARG…: the build succeeds, and does nothing that it would tell of.
silent() {
	local name=$1
	shift
	if "$BRUN" build "$@" >"$T/said" 2>"$T/told" && [ ! -s "$T/told" ]; then ok "$name"; else not_ok "$name" "$T/told"; fi
}

# runs NAME ARG…: the build succeeds, and something ran.
runs() {
	local name=$1
	shift
	if "$BRUN" build "$@" >"$T/said" 2>"$T/told" && [ -s "$T/told" ]; then ok "$name"; else not_ok "$name" "$T/told"; fi
}

step one hello "a comment"
runs "the first build runs the step" one.lua -o output
check "in the end nothing is to do" settle one.lua -o output
known=$(memory)
silent "a build with nothing to do says nothing" one.lua -o output
check "but where the output is" grep -qx output "$T/said"
silent "nor does one without -o" one.lua
check "which prints the tree's path" test -f "$(cat "$T/said")/share/word"
check "and both were known" [ "$known" = "$(memory)" ]

# what is known changes nothing of what is refused
expect "a wrong --color is refused" 2 "purple" "$BRUN" build one.lua -o output --color purple
expect "a wrong --mirror is refused" 2 "nonsense" "$BRUN" build one.lua -o output --mirror nonsense
expect "an output that is not there is refused" 2 "no output 'other'" "$BRUN" build one.lua:other -o output
mkdir foreign && echo precious >foreign/file
expect "a foreign directory is not replaced" 2 "foreign" "$BRUN" build one.lua -o foreign
"$BRUN" build --json one.lua -o output 2>events >/dev/null
check "--json tells its events all the same" grep -q '"hit"' events
silent "a dry run has nothing to tell" --dry-run one.lua
known=$(memory)

rm -rf output
silent "an output that is gone" one.lua -o output
check "comes back" grep -qx hello output/share/word
echo junk >output/.brun
expect "an output that lost its stamp is foreign" 2 "output" "$BRUN" build one.lua -o output
check "and replaced with --force" "$BRUN" build one.lua -o output --force
check "all of that without looking again" [ "$known" = "$(memory)" ]

# recipes
step one hello "another comment"
silent "a changed comment rebuilds nothing" one.lua -o output
check "but is looked at" renews one.lua -o output
step one bye "another comment"
runs "a changed script is seen" one.lua -o output
check "in the output" grep -qx bye output/share/word
seen=0
for word in aaa bbb ccc ddd eee fff ggg hhh; do
	step one "$word" "same size, same second"
	"$BRUN" build one.lua -o output >/dev/null 2>&1
	seen=$((seen + $(grep -cx "$word" output/share/word)))
done
check "changes in quick succession are all seen" [ "$seen" = 8 ]
check "the last is remembered" settle one.lua -o output
touch -r one.lua stamp
sed s/hhh/iii/ one.lua >changed && cat changed >one.lua && touch -r stamp one.lua
runs "a change of the same size under the old time is seen" one.lua -o output
check "in the output, too" grep -qx iii output/share/word

# recipes that were looked for
mkdir needed && step needed first "a folder" && mv needed.lua needed/recipe.lua
echo 'return import "needed"' >user.lua
check "a recipe in a folder is found" settle user.lua -o user
step needed second "a file comes before a folder"
runs "one that comes before it is seen" user.lua -o user
check "and built" grep -qx second user/share/word
check "and remembered" settle user.lua -o user
rm needed.lua
"$BRUN" build user.lua -o user >/dev/null 2>&1
check "as is that it went" grep -qx first user/share/word

# files that a glob selects
mkdir words && echo word >words/a
recipe globs <<'EOF'
return run { name = "globs", base = base, src = glob { "words/*" }, script = [[
mkdir -p $DESTDIR$PREFIX; cat words/* >$DESTDIR$PREFIX/words
]] }
EOF
check "a recipe with a glob is built, and remembered" settle globs.lua -o globs
known=$(memory)
silent "it has nothing to do" globs.lua -o globs
check "and was known" [ "$known" = "$(memory)" ]
echo more >words/b
runs "a new file that it selects is seen" globs.lua -o globs
check "and used" grep -qx more globs/words
check "and remembered" settle globs.lua -o globs
echo less >words/b
runs "a changed one is seen" globs.lua -o globs
check "and used, too" grep -qx less globs/words
check "and remembered, too" settle globs.lua -o globs
rm words/b
"$BRUN" build globs.lua -o globs >/dev/null 2>&1
check "as is that it went" [ "$(cat globs/words)" = word ]
mkdir -p deep/one/two && echo deep >deep/one/two/x.c
recipe deep <<'EOF'
return run { name = "deep", base = base, src = glob { "deep/**/*.c" }, script = [[
mkdir -p $DESTDIR$PREFIX; cat deep/one/*/*.c >$DESTDIR$PREFIX/words
]] }
EOF
check "a glob through directories is remembered" settle deep.lua -o deeper
mkdir deep/one/other && echo none >deep/one/other/none
check "a directory in which it selects nothing" settle deep.lua -o deeper
echo more >deep/one/other/y.c
runs "is looked into all the same" deep.lua -o deeper

# the store
recipe two <<'EOF'
local words = run { name = "words", base = base, script = [[
mkdir -p $DESTDIR$PREFIX; echo words >$DESTDIR$PREFIX/words
]] }
return run { name = "shout", base = base, deps = { words }, script = [[
mkdir -p $DESTDIR$PREFIX; tr a-z A-Z <$PREFIX/words >$DESTDIR$PREFIX/shout
]] }
EOF
record_of() { grep -l "\"name\": \"$1\"" "$BRUN_STORE"/actions/*.json; }
tree_of() { sed -n 's/.*"output": "\([0-9a-f]*\)".*/\1/p' "$(record_of "$1")"; }

check "two steps are remembered" settle two.lua -o two
drop_tree() {
	tree=$BRUN_STORE/trees/$(tree_of "$1")
	chmod -R u+w "$tree" && rm -r "$tree"
}
for name in shout words; do
	rm "$(record_of "$name")"
	runs "without the record of '$name' its step runs" two.lua -o two
	check "and is remembered" settle two.lua -o two
done
drop_tree shout
runs "without the output's tree its step runs" two.lua -o two
check "and that is there again" [ -d "$tree" ]
check "and remembered, too" settle two.lua -o two
drop_tree words
silent "a tree below it is not missed" two.lua -o two
check "and not made" [ ! -d "$tree" ]
drop_tree shout
runs "unless it is needed" two.lua -o two
check "then it is there again" [ -d "$BRUN_STORE/trees/$(tree_of words)" ]
check "and all is remembered" settle two.lua -o two
for file in "$BRUN_STORE"/plans/*; do
	head -c 100 "$file" >short && cat short >"$file"
done
silent "damaged memory is no memory" two.lua -o two
rm -r "$BRUN_STORE/plans"
silent "nor is a place for it needed" two.lua -o two

