#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bad input: each has its exit status, says what to do, and loses nothing.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2

# --- the command line
expect "no command" 2 "no command" "$BRUN"
expect "an unknown command" 2 "there is no command 'biuld'" "$BRUN" biuld x.lua
expect "which names the nearest" 2 "did you mean brun build?" "$BRUN" biuld x.lua
expect "or where they are listed" 2 "brun help lists them" "$BRUN" frobnicate
expect "an unknown option names the nearest" 2 "did you mean --offline?" "$BRUN" build --offlin x.lua
expect "also where its letters are in disorder" 2 "did you mean --dry-run?" "$BRUN" build --dyr-run x.lua
expect "or the command that lists them" 2 "brun help build lists them" "$BRUN" build --frobnicate x.lua
expect "an option without its value" 2 "needs a value" "$BRUN" build x.lua -o
expect "a bad number" 2 "from 1 to 4096" "$BRUN" build -j many x.lua
expect "no recipe given" 2 "takes one recipe" "$BRUN" build
expect "no verb that the cache knows" 2 "push RECIPE" "$BRUN" cache pusch x.lua
expect "a cache's verb without a recipe" 2 "cache pull takes recipes, got none" "$BRUN" cache pull
on_full_disk() { "$BRUN" version >/dev/full; }
expect "stdout on a full disk" 7 "write the result to stdout: No space left" on_full_disk
expect "help goes to stdout" 0 "--keep-failed" "$BRUN" help build
expect "version" 0 "brun 0" "$BRUN" version

# --- recipes
expect "a missing recipe" 3 "there is no recipe 'nothing.lua'" "$BRUN" build nothing.lua
expect "which says what is one" 3 "a folder that holds recipe.lua" "$BRUN" build nothing.lua
expect "the library's name, misspelt" 3 "did you mean 'hello'?" "$BRUN" build helo
echo 'return nil' >near.lua
expect "a file's name, misspelt" 3 "did you mean 'near.lua'?" "$BRUN" build naer.lua
recipe field <<'EOF'
return run { name = "x", base = base, scirpt = "true" }
EOF
expect "an unknown field names the nearest" 3 "did you mean 'script'?" "$BRUN" build field.lua
expect "with file, line and column" 3 "field.lua:2:" "$BRUN" build field.lua
recipe type <<'EOF'
return run { name = "x", base = base, script = 7 }
EOF
expect "a wrong type" 3 "type.lua:2:39: field 'script' must be a string or a list of strings, not an integer" "$BRUN" build type.lua
recipe one <<'EOF'
return package { name = "one", version = "1", deps = { "two" }, base = base, build = function(b) b:sh "true" end }
EOF
recipe two <<'EOF'
return package { name = "two", version = "1", deps = { "one" }, base = base, build = function(b) b:sh "true" end }
EOF
expect "dependencies in a circle" 3 "one.lua -> two.lua -> one.lua" "$BRUN" build one.lua
recipe absent <<'EOF'
return package { name = "x", version = "1", deps = { "opensll" }, base = base, build = function(b) b:sh "true" end }
EOF
expect "a dependency that no recipe makes" 3 "there is no recipe 'opensll' beside this one" "$BRUN" build absent.lua
recipe good <<'EOF'
return run { name = "good", base = base, script = [[mkdir -p $DESTDIR$PREFIX; echo 1 >$DESTDIR$PREFIX/one]] }
EOF
expect "a mirror that is not NAME=URL" 2 "NAME=URL" "$BRUN" build --mirror nonsense good.lua
expect "an output that the recipe does not have" 2 "has no output 'docs'" "$BRUN" build good.lua:docs

recipe later <<'EOF'
return run { name = "later", base = base, script = "true" }
EOF

# --- sources
printf 'return unpack { fetch { url = "file://%s", sha256 = "%064d" } }\n' "$T/base.tar" 0 >hash.lua
expect "a wrong hash" 5 "$base_sha256" "$BRUN" build hash.lua
expect "with the expected one beside it" 5 "$(printf %064d 0)" "$BRUN" build hash.lua
check "and nothing of it is kept" [ "$(find "$BRUN_STORE/blobs" | wc -l)" = 1 ]
cat >down.lua <<EOF
return unpack { fetch { url = { "http://127.0.0.1:9/a.tar", "file://$T/nowhere.tar" }, sha256 = "$base_sha256" } }
EOF
expect "all mirrors down" 4 "127.0.0.1:9" "$BRUN" build down.lua
expect "each with what it answered" 4 "nowhere.tar" "$BRUN" build down.lua

archive() { # archive NAME FILE: a recipe that unpacks it
	printf 'return unpack { fetch { url = "file://%s", sha256 = "%s" } }\n' \
		"$T/$2" "$(sha256sum "$T/$2" | cut -d' ' -f1)" >"$1.lua"
}
gzip -c base.tar | head -c 1000000 >short.tar.gz
archive short short.tar.gz
expect "a truncated archive" 4 "truncated" "$BRUN" build short.lua
mkdir -p evil/sub && echo owned >evil/file
tar -C evil -cPf up.tar --transform 's|^file|../escaped|' file
archive up up.tar
expect "a member with ../" 4 "../escaped" "$BRUN" build up.lua
tar -C evil -cPf absolute.tar --transform "s|^file|$T/escaped|" file
archive absolute absolute.tar
expect "an absolute member" 4 "$T/escaped" "$BRUN" build absolute.lua
ln -s "$T" evil/way
tar -C evil -cf through.tar way
tar -C evil -rPf through.tar --transform 's|^file|way/escaped|' file
archive through through.tar
expect "a member through a link that leads out" 4 "way/escaped" "$BRUN" build through.lua
check "nothing escaped" [ ! -e "$T/escaped" ]

# --- steps
recipe fails <<'EOF'
return run { name = "fails", base = base, script = [[
echo the last thing it said
exit 3
]] }
EOF
expect "a failing step shows its last lines" 1 "the last thing it said" "$BRUN" build fails.lua
expect "its status" 1 "exit status 3" "$BRUN" build fails.lua
expect "and the command for the whole log" 1 "brun log " "$BRUN" build fails.lua
key=$(grep -oE 'brun log [0-9a-f]+' "$T/err" | head -n 1 | cut -d' ' -f3)
expect "which prints it" 0 "the last thing it said" "$BRUN" log "$key"
expect "what a step took stands over it, once it has succeeded" 0 "has not succeeded yet" "$BRUN" log "$key"
check "which it now has" "$BRUN" build good.lua
expect "with all its figures" 0 " at most, written " "$BRUN" log good.lua
expect "the report has them, too" 1 "  step 3 of 3: wall " "$BRUN" build fails.lua
expect "and the events" 1 '"user_ms":' "$BRUN" build --json fails.lua
expect "what has no program can't be run" 3 "it has no program in bin/" "$BRUN" run good.lua
recipe main <<'EOF'
return package { name = "main", version = "1", base = base, main = "mian", build = function(b)
  b:sh "mkdir -p $DESTDIR$PREFIX/bin; cp /usr/bin/cat $DESTDIR$PREFIX/bin/main"
end }
EOF
expect "a main program that is not there" 3 'has main = "mian", but its output has no bin/mian' "$BRUN" run main.lua
expect "with those that are" 3 "bin/ has: main" "$BRUN" run main.lua
expect "a step that never ran has no log" 2 "brun build later.lua" "$BRUN" log later.lua
expect "by the recipe, too" 0 "the last thing it said" "$BRUN" log fails.lua
expect "a key that no log has" 2 "there is no log" "$BRUN" log 0123456789abcdef
recipe strays <<'EOF'
return run { name = "strays", base = base, script = [[mkdir -p $DESTDIR/etc; echo x >$DESTDIR/etc/stray]] }
EOF
expect "a step that installs outside of the prefix" 1 "etc/stray" "$BRUN" build strays.lua
recipe pipe <<'EOF'
return run { name = "pipe", base = base, script = [[mkdir -p $DESTDIR$PREFIX; mkfifo $DESTDIR$PREFIX/fifo]] }
EOF
expect "an output with a FIFO in it" 1 "fifo" "$BRUN" build pipe.lua
recipe secret <<EOF
return run { name = "secret", base = base, script = [[mkdir -p \$DESTDIR\$PREFIX; cat $T/base.tar >\$DESTDIR\$PREFIX/x]] }
EOF
expect "a step that reads a file of the host" 1 "base.tar: No such file" "$BRUN" build secret.lua
recipe kept <<'EOF'
return run { name = "kept", base = base, script = [[echo evidence >/build/evidence; exit 1]] }
EOF
expect "-K says where the directory is" 1 "/failed/" "$BRUN" build -K kept.lua
check "and what is in it" [ -n "$(find "$BRUN_STORE/failed" -name evidence)" ]
recipe endless <<'EOF'
return run { name = "endless", base = base, script = "sleep 1000", limits = { time = 1 } }
EOF
expect "a step over its time" 9 "it ran for longer than 1 s" "$BRUN" build endless.lua
recipe patient <<'EOF'
return run { name = "patient", base = base, script = "sleep 1000; mkdir -p $DESTDIR$PREFIX", limits = { time = 2000 } }
EOF
expect "over the command line's" 9 "longer than 1 s" "$BRUN" build --limit time=1 patient.lua
expect "which tells how to raise it" 9 "--limit silence=SECONDS" "$BRUN" build --limit silence=1 patient.lua
mkdir -p "$XDG_CONFIG_HOME/brun" && echo '{"limits": {"silence": "1s"}}' >"$XDG_CONFIG_HOME/brun/config.json"
expect "over the configuration's" 9 "printed nothing for 1 s" "$BRUN" build patient.lua
echo '{"limits": {"silense": 1}}' >"$XDG_CONFIG_HOME/brun/config.json"
expect "a limit that the configuration misspells" 2 "there is no limit 'silense'" "$BRUN" build patient.lua
rm "$XDG_CONFIG_HOME/brun/config.json"
expect "a limit that is none" 2 "there is no limit 'cpu'" "$BRUN" build --limit cpu=1 good.lua
expect "and a number that is none" 2 "expected bytes" "$BRUN" build --limit memory=much good.lua
recipe greedy <<'EOF'
return run { name = "greedy", base = base, script = "head -c 300000000 /dev/zero >/build/file; sleep 1000" }
EOF
expect "over its disk" 9 "more to disk than" "$BRUN" build --limit disk=100M greedy.lua
recipe bomb <<'EOF'
return run { name = "bomb", base = base, script = [[
trap : EXIT
for i in 1 2 3 4 5 6 7 8 9 0; do for j in 1 2 3 4 5 6 7 8 9 0; do (sleep 1000 & :) || sleep 1000; done; done
sleep 1000
]] }
EOF
expect "over its processes" 9 "more than 90 processes" "$BRUN" build --limit processes=90 bomb.lua
recipe memory <<'EOF'
return run { name = "memory", base = base, script = [[
for i in 1 2 3 4; do { head -c 60000000 /dev/zero | tail -n 1 | sleep 1000; } & done
sleep 1000
]] }
EOF
expect "over its memory" 9 "more memory than" "$BRUN" build --limit memory=128M memory.lua
recipe chatty <<'EOF'
return run { name = "chatty", base = base, script = "while :; do echo on and on; done" }
EOF
expect "over its log" 9 "printed more than" "$BRUN" build --limit log=1M chatty.lua

# --- the host
if [ "$(id -u)" -eq 0 ]; then
	as_user() { setpriv --reuid=54321 --regid=54321 --clear-groups env HOME="$T" "$@"; }
	chmod 755 "$T"
else
	as_user() { "$@"; }
fi
mkdir -p readonly && chmod 555 readonly
expect "a store that can't be written" 7 "readonly" as_user env BRUN_STORE="$T/readonly/store" "$BRUN" build "$T/good.lua"
# The limit is read in the new namespace, where it also counts for root's.
# shellcheck disable=SC2016
expect "no user namespaces" 6 "max_user_namespaces" unshare -Ur sh -c \
	'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' sh env BRUN_STORE="$T/store2" "$BRUN" build good.lua
if [ "$(id -u)" -eq 0 ] && mkdir -p small && mount -t tmpfs -o size=3m tmpfs small 2>/dev/null; then
	expect "a full disk" 7 "space" env BRUN_STORE="$T/small/store" "$BRUN" build good.lua
	mount -o remount,size=100m small
	check "and with room made the next build succeeds" env BRUN_STORE="$T/small/store" "$BRUN" build good.lua
	umount small
else
	skip "a full disk" "mounting a small tmpfs takes root"
fi
