#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/e2e/soak.sh [STEPS [SEED]]: a week of use in small. STEPS builds (40), a third of them stopped by chance:
# by SIGKILL or SIGINT at some event, by the limits on time, silence, memory and disk. What must be seen: after
# each no process of it; in the end no mount, no temporary file, no lock, and a store that holds what it says.
# What stands in single quotes is for the shell in the sandbox.
# shellcheck disable=SC2016
if [ -z "${BRUN_SOAK_REAPER:-}" ]; then
	# What loses its parent becomes a child of this shell: prctl(PR_SET_CHILD_SUBREAPER) outlives the exec.
	export BRUN_SOAK_REAPER=1
	exec python3 -c 'import ctypes, os, sys
ctypes.CDLL(None).prctl(36, 1)
os.execvp("bash", ["bash"] + sys.argv[1:])' "$0" "$@"
fi
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
[ -r "/proc/$$/task/$$/children" ] || {
	skip "a week in small" "this kernel does not list a process's children (CONFIG_PROC_CHILDREN)"
	exit 0
}
steps=${1:-40}
seed=${2:-20260}
RANDOM=$seed
make_base
cd "$T" || exit 2
mkdir tmp
export TMPDIR=$T/tmp
declare -A ended
kinds=(kill interrupt time silence memory disk)
before=$(grep -cF "$T" /proc/self/mountinfo)

# write NUMBER LIMITS SCRIPT: a recipe with a source of its own to fetch and to unpack.
write() {
	echo "$1" >"file$1"
	tar -cf "source$1.tar" "file$1"
	recipe step <<-EOF2
		local source = unpack { fetch { url = "file://$T/source$1.tar", sha256 = "$(sha256sum <"source$1.tar" | cut -d' ' -f1)" } }
		return run { name = "step", base = base, src = source, limits = { $2 }, script = [[$3]] }
	EOF2
}

# run EVENTS SIGNAL: builds, and sends the signal when so many events have come (0: never). Its status.
run() {
	local count=0 pid events line
	exec {events}< <(exec "$BRUN" build --json step.lua -o output 2>&1 >/dev/null)
	pid=$!
	while read -r line <&"$events"; do
		last=$line
		count=$((count + 1))
		[ "$count" -ne "$1" ] || kill "-$2" "$pid"
	done
	exec {events}<&-
	wait "$pid"
}

mkfifo quiet && exec {quiet}<>quiet

# Has this shell no children, orphans of brun's among them? SIGKILL for brun takes a moment to reach all that
# it started; ten seconds would be a hang.
is_alone() {
	local i all
	for ((i = 0; i < 1000; i++)); do
		all=
		read -r all <"/proc/$$/task/$$/children"
		[ -n "${all// /}" ] || return 0
		read -r -t 0.01 <&"$quiet"
	done
	ps -o pid,ppid,stat,args --ppid $$
	return 1
}

ticks='mkdir -p $DESTDIR$PREFIX; i=0; while :; do i=$((i + 1)); echo tick $i; sleep 0.01; done'
left=0 wrong=0
for ((step = 1; step <= steps; step++)); do
	kind=honest events=0 signal=0 expected=0
	[ $((RANDOM % 3)) -ne 0 ] || kind=${kinds[RANDOM % ${#kinds[@]}]}
	case $kind in
	honest) write $step "" 'mkdir -p $DESTDIR$PREFIX; cat file* >$DESTDIR$PREFIX/file; echo done' ;;
	kill | interrupt)
		write $step "time = 60" "$ticks"
		events=$((RANDOM % 14 + 1)) signal=9 expected=137
		[ "$kind" = kill ] || signal=2 expected=130
		;;
	time) write $step "time = 1" "$ticks" ;;
	silence) write $step "silence = 1" 'echo begun; sleep 1000 & sleep 1000' ;;
	memory) write $step "memory = 134217728" 'for i in 1 2 3 4; do head -c 60000000 /dev/zero | tail -n 1 | sleep 1000 & done; sleep 1000' ;;
	disk) write $step "disk = 4194304" 'head -c 32M /dev/zero >/build/file; sleep 1000' ;;
	esac
	case $kind in time | silence | memory | disk) expected=9 ;; esac
	run "$events" "$signal"
	status=$?
	ended[$kind]=$((${ended[$kind]:-0} + 1))
	[ "$status" -eq "$expected" ] || {
		wrong=$((wrong + 1))
		echo "#   step $step ($kind, event $events) ended with $status, expected $expected: ${last:0:300}"
	}
	is_alone || left=$((left + 1))
	rm -f "source$step.tar" "file$step"
done
for kind in honest "${kinds[@]}"; do echo "# $kind: ${ended[$kind]:-0} of $steps steps (seed $seed)"; done
check "every step ended as it should" [ $wrong -eq 0 ]
check "no process is left after any of them" [ $left -eq 0 ]
# What a killed run left is the next one's to remove.
write last "" 'mkdir -p $DESTDIR$PREFIX; cat file* >$DESTDIR$PREFIX/file'
check "the next build succeeds" "$BRUN" build step.lua -o output
check "its output is whole" [ "$(cat output/file)" = last ]
check "nothing is left in tmp and locks" [ -z "$(find "$BRUN_STORE/tmp" "$BRUN_STORE/locks" "$BRUN_STORE/trash" -mindepth 1 2>/dev/null)" ]
check "no temporary file is left" [ -z "$(ls -A tmp)" ]
check "no half output is left" [ -z "$(find . -maxdepth 1 -name '*output?*' -o -maxdepth 1 -name '.output*')" ]
check "no mount is left" [ "$(grep -cF "$T" /proc/self/mountinfo)" = "$before" ]
check "the store holds what it says" "$BRUN" verify
