#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun shell: the sandbox of a step, for a command and on a terminal; the directory of a failed one.
# What stands in single quotes is for the shell in the sandbox.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2

# --- a command
facts='
env | sort
pwd
id
umask
cat /script
cat /proc/self/limits
sed "s/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]* [^ ]*\).*/\1/" /proc/self/mountinfo
ls /brun /build /build/source'
mkdir source && echo "of the recipe" >source/file
recipe facts <<EOF
local words = run { name = "words", base = base, script = "mkdir -p \$DESTDIR\$PREFIX; echo hello >\$DESTDIR\$PREFIX/words" }
return run { name = "facts", base = base, deps = { words }, src = glob { "source/*" }, env = { MINE = "1" },
limits = { memory = 900000000 }, script = [[
{ $facts
} >/build/home/facts
mkdir -p \$DESTDIR\$PREFIX
cp /build/home/facts \$DESTDIR\$PREFIX
]] }
EOF
"$BRUN" shell --json facts.lua -- sh -c "$facts" >entered 2>events
check "a command runs in the sandbox" [ $? -eq 0 ]
check "its inputs were built" grep -q '"done".*"name":"words"' events
check "the step itself was not" [ -z "$(grep '"started".*"name":"facts"' events)" ]
check "nothing stays behind" [ -z "$(ls "$BRUN_STORE/tmp")" ]
check "the step can be built" "$BRUN" build facts.lua -o output
check "environment, user, limits and mounts are the step's" diff output/facts entered
expect "the source is laid out" 0 "of the recipe" "$BRUN" shell facts.lua -- cat source/file
expect "dependencies are at the prefix" 0 "hello" "$BRUN" shell facts.lua -- cat /brun/words
expect "which is read-only" 1 "Read-only" "$BRUN" shell facts.lua -- touch /brun/more
check "the destination is not" "$BRUN" shell facts.lua -- touch /dest/brun/file
expect "the script is there to be run" 0 "MINE=1" "$BRUN" shell facts.lua -- sh -c 'sh -e /script && cat $DESTDIR$PREFIX/facts'
"$BRUN" shell -q facts.lua -- sh -c 'exit 7' >said 2>&1
check "the status is the command's" [ $? -eq 7 ]
check "without a word of brun's" [ ! -s said ]
"$BRUN" shell -q facts.lua -- sh -c 'kill -TERM $$'
check "and so is a signal" [ $? -eq 143 ]
expect "a command that is not there" 127 "nonsense" "$BRUN" shell facts.lua -- nonsense
expect "-j is its JOBS" 0 "JOBS=3" "$BRUN" shell -j 3 facts.lua -- env
recipe plain <<'EOF'
local part = run { name = "part", base = base, script = "mkdir -p $DESTDIR$PREFIX; echo 1 >$DESTDIR$PREFIX/part" }
return run { name = "plain", base = base, deps = { part }, script = "mkdir -p $DESTDIR$PREFIX; echo 2 >$DESTDIR$PREFIX/whole" }
EOF
# A build remembers what it came to, once the recipe has not only just changed.
rm -f "$BRUN_STORE"/plans/*
for _ in {1..1000}; do
	[ -z "$(ls "$BRUN_STORE/plans")" ] && "$BRUN" build -q plain.lua >/dev/null
done
check "what a build remembers" [ -n "$(ls "$BRUN_STORE/plans")" ]
check "is not for a shell" "$BRUN" shell plain.lua -- sh -c :
check "to change" "$BRUN" build plain.lua -o whole
check "into one of the inputs" [ "$(ls whole)" = whole ]
recipe endless <<'EOF'
return run { name = "endless", base = base, script = "true", limits = { time = 1 } }
EOF
expect "a command over the step's time" 9 "1 s" "$BRUN" shell endless.lua -- sleep 1000

recipe packed <<'EOF'
return package { name = "packed", version = "1", base = base, build = function(b)
b:sh [[mkdir -p $DESTDIR$PREFIX/share; echo 1 >$DESTDIR$PREFIX/share/one]] end }
EOF
for part in "" :raw :dev; do
	expect "the step behind a package's output '$part'" 0 "share/one" "$BRUN" shell "packed.lua$part" -- cat /script
done

# --- bad use
expect "a shell without a terminal" 2 "-- CMD" "$BRUN" shell facts.lua
expect "no recipe" 2 "takes a recipe" "$BRUN" shell
recipe archive <<'EOF'
return base
EOF
expect "what no step makes" 2 "not what a step makes" "$BRUN" shell archive.lua -- true
recipe unbuilt <<'EOF'
local bad = run { name = "bad", base = base, script = "echo bad luck; exit 1" }
return run { name = "unbuilt", base = base, deps = { bad }, script = "true" }
EOF
expect "an input that can't be built" 1 "bad luck" "$BRUN" shell unbuilt.lua -- true

# --- a failed step
recipe kept <<'EOF'
return run { name = "kept", base = base, script = [[echo evidence >/build/evidence; exit 1]] }
EOF
expect "nothing kept yet" 2 "brun build -K kept.lua" "$BRUN" shell --failed kept.lua -- true
expect "a failure names the way in" 1 "brun shell --failed kept.lua" "$BRUN" build -K kept.lua
"$BRUN" build kept.lua 2>told
check "where nothing was kept it tells how to" grep -qF "brun build -K kept.lua; brun shell --failed kept.lua" told
expect "which leads to what it left" 0 "evidence" "$BRUN" shell --failed kept.lua -- cat /build/evidence
check "changes there stay" "$BRUN" shell --failed kept.lua -- sh -c 'echo more >>/build/evidence'
expect "for the next time" 0 "more" "$BRUN" shell --failed kept.lua -- cat /build/evidence
expect "a shell without --failed starts afresh" 1 "No such file" "$BRUN" shell kept.lua -- cat /build/evidence
recipe above <<'EOF'
local below = run { name = "below", base = base, script = [[echo deep >/build/evidence; exit 1]] }
return run { name = "above", base = base, deps = { below }, script = "true" }
EOF
expect "a failure below the recipe's own step" 1 "brun shell --failed above.lua" "$BRUN" build -K above.lua
expect "is found from the recipe, too" 0 "deep" "$BRUN" shell --failed above.lua -- cat /build/evidence
sed -i 's/exit 1/exit 2/' kept.lua
expect "a changed step has none" 2 "as it is now" "$BRUN" shell --failed kept.lua -- true

# --- a terminal
cat >driver.py <<'EOF'
"""Runs brun on a pseudo-terminal: each argument is typed, or, behind a '?', waited for."""
import fcntl, os, pty, select, struct, sys, termios, time

command, steps = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()
size = lambda rows: fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 99, 0, 0))
size(33)
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.login_tty(slave) if hasattr(os, "login_tty") else (
        os.setsid(), fcntl.ioctl(slave, termios.TIOCSCTTY, 0), [os.dup2(slave, fd) for fd in (0, 1, 2)])
    os.execvp("sh", ["sh", "-c", command])
seen, end = b"", time.monotonic() + 30

def read():
    global seen
    if not select.select([master], [], [], max(0, end - time.monotonic()))[0]:
        sys.exit("nothing more came; seen so far:\n" + seen.decode(errors="replace"))
    seen += os.read(master, 65536)

for step in steps:
    if step.startswith("?"):
        while step[1:].encode() not in seen:
            read()
        seen = seen[seen.index(step[1:].encode()) + len(step) - 1:]
    elif step.startswith("size "):
        size(int(step[5:]))
    else:
        os.write(master, step.encode().decode("unicode_escape").encode())
while os.waitpid(child, os.WNOHANG) == (0, 0):
    if select.select([master], [], [], 0.05)[0]:
        read()
    if time.monotonic() > end:
        os.kill(child, 9)
        sys.exit("it did not end; seen so far:\n" + seen.decode(errors="replace"))
sys.exit(termios.tcgetattr(slave) != before and "the terminal is not as it was")
EOF
# typed NAME STEP…: on a terminal of 33 lines; what is to come is spelled apart from what is typed.
typed() {
	local name=$1
	shift
	check "$name" python3 driver.py "\"$BRUN\" shell facts.lua; echo \"status \$? end\"" "$@"
}
typed "a shell on a terminal" '?exit leaves' 'echo for""ty-two\n' '?forty-two' 'exit 5\n' '?status 5 end'
typed "it is a terminal inside" '?exit leaves' 'test -t 0 && test -t 1 && test -t 2 && echo y""es\n' '?yes' 'exit\n' '?status 0 end'
typed "of the same size" '?exit leaves' 'stty size\n' '?33 99' 'exit\n' '?status 0'
typed "that follows the outer one's" '?exit leaves' 'stty size\n' '?33 99' 'size 44' 'stty size\n' '?44 99' 'exit\n' '?status 0'
typed "control-C is the inner program's" '?exit leaves' "X=eeps sh -c 'echo sl\$X; exec sleep 1000'\n" '?sleeps' '\x03' 'echo al""ive\n' '?alive' 'exit 0\n' '?status 0'
typed "the end of input ends it" '?exit leaves' 'echo he""re\n' '?here' '\x04' '?status 0'
typed "much output comes whole" '?exit leaves' 'head -c 300000 /dev/zero | tr "\\\\0" x | sed "s/\\$/y/"; exit\n' '?xxxy' '?status 0'
check "a command on a terminal" python3 driver.py "\"$BRUN\" shell facts.lua -- stty size; echo \"status \$?\"" '?33 99' '?status 0'
check "a command whose output goes to a file" python3 driver.py "\"$BRUN\" shell -q facts.lua -- cat /brun/words >plain" ""
check "is written there as it is" [ "$(cat plain)" = hello ]
