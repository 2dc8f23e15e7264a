#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun why, brun plan --json and brun log: what would run, and which part of the key has changed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
# wait_for PROCESS: it ends well; a shell function, for only its own shell can wait.
wait_for() { wait "$1"; }
cd "$T" || exit 2

# two FLAGS SOURCE: a step with that flag on a tree with that source, and a step on it.
two() {
	mkdir -p src && echo "$2" >src/text
	recipe two <<-RECIPE
		local words = run { name = "words", base = base, env = { FLAGS = "$1" }, src = glob { "src/**" }, script = [[
		mkdir -p \$DESTDIR\$PREFIX
		cat src/text >\$DESTDIR\$PREFIX/words; echo \$FLAGS >>\$DESTDIR\$PREFIX/words
		]] }
		return run { name = "shout", base = base, deps = { words }, script = [[
		mkdir -p \$DESTDIR\$PREFIX
		tr a-z A-Z <\$PREFIX/words >\$DESTDIR\$PREFIX/shout
		]] }
	RECIPE
}

two -O2 hello
expect "what was never built" 0 "run words (two.lua:2): waits for base.tar" "$BRUN" why two.lua
expect "what was never fetched" 0 "fetch base.tar (two.lua:1): not fetched yet" "$BRUN" why two.lua
check "it is built" "$BRUN" build two.lua
expect "then nothing would run" 0 "nothing would run" "$BRUN" why two.lua
check "which is nothing in JSON" [ -z "$("$BRUN" why --json two.lua)" ]

two -O3 hello
expect "a changed flag is told" 0 '  env FLAGS: "-O2" -> "-O3"' "$BRUN" why two.lua
check "and nothing else" [ "$("$BRUN" why two.lua | grep -c -- '->')" = 1 ]
expect "what rests on it waits" 0 "run shout (two.lua:6): waits for words" "$BRUN" why two.lua
expect "the same in JSON" 0 '"changes":[{"component":"env","detail":"FLAGS","is":"-O3","was":"-O2"}]' "$BRUN" why --json two.lua
expect "with what waits" 0 '"waits_for":["words"]' "$BRUN" why --json two.lua
expect "a dry run agrees" 0 "words" "$BRUN" build --dry-run two.lua

two -O2 "hello again"
expect "a changed file is told by its input" 0 "  input src (glob):" "$BRUN" why two.lua
expect "and by its name" 0 "    changed: src/text" "$BRUN" why two.lua
echo new >src/new
expect "as is a new one" 0 "    new: src/new" "$BRUN" why two.lua
rm src/new src/text && echo other >src/other
expect "and one that is gone" 0 "    gone: src/text" "$BRUN" why two.lua
rm src/other
two -O2 hello
expect "as it was is as it was" 0 "nothing would run" "$BRUN" why two.lua

sed -i 's/cat src/cat <src/' two.lua
# shellcheck disable=SC2016 # these are the script's
expect "a changed script is told by its line" 0 \
	'  script line 4: "cat src/text >$DESTDIR$PREFIX/words; echo $FLAGS >>$DESTDIR$PREFIX/words" -> "cat <src' "$BRUN" why two.lua
two -O2 hello
sed -i 's/FLAGS = "-O2"/FLAGS = "-O2", MORE = "x"/' two.lua
expect "a new variable is told" 0 '  env MORE: nothing -> "x"' "$BRUN" why two.lua
two -O2 hello
sed -i 's/name = "words"/name = "verbs"/; s/cat src/cat <src/' two.lua
expect "under another name it is new" 0 "run verbs (two.lua:2): never built here" "$BRUN" why two.lua

# another base: the same archive with another member
two -O2 hello
cp "$T/base.tar" "$T/old.tar"
mkdir more && echo x >more/file && tar -C more -rf "$T/base.tar" ./file
old=$base_sha256
base_sha256=$(sha256sum "$T/base.tar" | cut -d' ' -f1)
two -O2 hello
expect "another source hash is told" 0 "  input artifact (base.tar): ${old:0:16} -> ${base_sha256:0:16}" "$BRUN" why two.lua
check "the other base is unpacked" "$BRUN" build two.lua
mv "$BRUN_STORE/actions" "$BRUN_STORE/kept" && mkdir "$BRUN_STORE/actions"
for name in base.tar old; do
	grep -l "\"name\": \"$name\"" "$BRUN_STORE"/kept/*.json | xargs -I{} cp {} "$BRUN_STORE/actions"
done
grep -lE '"name": "(words|shout)"' "$BRUN_STORE"/kept/*.json | while read -r record; do
	tree=$(sed -n 's/.*\\"base\\",\\"\([0-9a-f]*\)\\".*/\1/p' "$record")
	[ -e "$BRUN_STORE/trees/$tree/file" ] || cp "$record" "$BRUN_STORE/actions"
done
expect "another base is told" 0 "  input base (base.tar):" "$BRUN" why two.lua
expect "with what is in it" 0 "    new: file" "$BRUN" why two.lua
rm -r "$BRUN_STORE/actions" && mv "$BRUN_STORE/kept" "$BRUN_STORE/actions"
expect "with all records nothing would run" 0 "nothing would run" "$BRUN" why two.lua

# another sandbox, and another packer: records as an earlier version would have made them
grep -lE '"name": "(words|shout)"' "$BRUN_STORE"/actions/*.json | while read -r record; do
	sed -i 's/\(\\"sandbox\\":\\"\)[^\\]*/\1old/' "$record"
	mv "$record" "${record%????????.json}00000000.json"
done
expect "another version of the sandbox is told" 0 '  sandbox: "old" -> "' "$BRUN" why two.lua
recipe packed <<'RECIPE'
return package { name = "packed", version = "1", base = base, source = file { path = "x", text = "x" },
  build = function(b) b:sh [[ mkdir -p $DESTDIR$PREFIX; cp x $DESTDIR$PREFIX/x ]] end }
RECIPE
if "$BRUN" build packed.lua >/dev/null 2>"$T/err"; then
	grep -l '\\"kind\\":\\"pack\\"' "$BRUN_STORE"/actions/*.json | while read -r record; do
		sed -i 's/\(\\"packer\\":\\"\)[^\\]*/\1old/' "$record"
		mv "$record" "${record%????????.json}00000000.json"
	done
	expect "another version of the packer is told" 0 '  packer: "old" -> "' "$BRUN" why packed.lua
else
	not_ok "a package is built" "$T/err"
fi

# what is known beforehand
two -O2 hello
"$BRUN" build two.lua >/dev/null 2>&1
state() { "$BRUN" plan --json two.lua | grep "\"name\":\"$1\"" | sed 's/.*"state":\({[^}]*}\).*/\1/'; }
check "what is there is a hit, with its key and its output" grep -qx '{"is":"hit","key":"[0-9a-f]*","output":"[0-9a-f]*"}' <(state words)
two -O4 hello
check "what would run is a miss, with its key" grep -qx '{"is":"miss","key":"[0-9a-f]*"}' <(state words)
check "what rests on it is unknown until then" grep -qx '{"is":"unknown","until":\[[0-9]*\]}' <(state shout)
expect "in words, too" 0 "missing run     shout (unknown until words)" "$BRUN" plan two.lua

# a log while its step runs
recipe slow <<'RECIPE'
return run { name = "slow", base = base, script = [[
echo first; while [ ! -e /build/go ]; do sleep 0.1; done; echo second
mkdir -p $DESTDIR$PREFIX; echo done >$DESTDIR$PREFIX/slow
]] }
RECIPE
"$BRUN" build slow.lua >/dev/null 2>&1 &
build=$!
until grep -qs first "$BRUN_STORE"/logs/*.log; do kill -0 $build || break; done
"$BRUN" log slow.lua >live 2>head.txt &
log=$!
until grep -qs first live; do kill -0 $log || break; done
check "a running step's log is shown" grep -qx first live
check "and that it runs" grep -q "it is running" head.txt
check "and waited for" kill -0 $log
touch "$(find "$BRUN_STORE/tmp" -path '*/step/build' -type d)/go"
check "the step ends" wait_for $build
check "and with it the log" wait_for $log
check "to the last line" [ "$(cat live)" = "$(printf 'first\nsecond')" ]
expect "which is what there is afterwards" 0 second "$BRUN" log slow.lua

# what went
chmod -R u+w "$BRUN_STORE" && rm -rf "$BRUN_STORE" && "$BRUN" build two.lua >/dev/null 2>&1
for name in shout words; do
	tree=$BRUN_STORE/trees/$(sed -n 's/.*"output": "\([0-9a-f]*\)".*/\1/p' \
		"$(grep -l "\"name\": \"$name\"" "$BRUN_STORE"/actions/*.json)")
	chmod -R u+w "$tree" && rm -r "$tree"
done
expect "an output that went is told" 0 "run words (two.lua:2): was built, but its output is no longer in the store" "$BRUN" why two.lua
