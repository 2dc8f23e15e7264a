#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun is told to stop while a step runs, by each signal that a person or a session sends: the step ends with it,
# and nothing is left.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2

# A name for the processes that no other on the machine has.
mark=brun-stop-$$
recipe long <<EOF
return run { name = "long", base = base, script = [[
exec 3>/dev/null
(trap '' INT TERM HUP; sh -c 'sleep 1000; : $mark' &)
trap '' INT TERM HUP
echo begun
while :; do sleep 1000; done
]] }
EOF
# Not those that look for it.
left() { grep -lsa "brun-[s]top-$$" /proc/[0-9]*/cmdline | grep -c .; }

# stop SIGNAL STATUS
stop() {
	local pid status
	# A shell's background jobs ignore SIGINT, and a program does not change that.
	python3 -c 'import os, signal, sys
for number in signal.SIGINT, signal.SIGQUIT: signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$BRUN" build long.lua >said 2>&1 &
	pid=$!
	for _ in $(seq 600); do
		grep -rqs begun "$BRUN_STORE/logs" && break
		sleep 0.1
	done
	check "SIG$1: a step runs" [ "$(left)" -ge 1 ]
	kill -"$1" "$pid"
	wait "$pid"
	status=$?
	cp said "$T/err"
	check "SIG$1: the status is $2" [ "$status" = "$2" ]
	check "SIG$1: no process is left" [ "$(left)" = 0 ]
	check "SIG$1: no mount is left" [ "$(grep -cF "$T" /proc/self/mounts)" = 0 ]
	check "SIG$1: nothing lies in the store's tmp" [ -z "$(ls "$BRUN_STORE/tmp")" ]
	rm -f "$BRUN_STORE"/logs/*
}
stop INT 130
stop TERM 143
# shellcheck disable=SC2016 # the step's
sed '/^(trap/d; s/^while.*/mkdir -p $DESTDIR$PREFIX; echo 1 >$DESTDIR$PREFIX\/file/' long.lua >short.lua
check "and it builds again" "$BRUN" build short.lua
