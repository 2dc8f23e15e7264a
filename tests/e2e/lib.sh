# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What every end-to-end script starts with: `. "$(dirname "$0")/lib.sh"`. One fact a check; the
# output is TAP, which tests/run counts. $BRUN is the program under test, $T a scratch folder of this
# script's own, $BRUN_STORE lies in it: a script never sees another's store.
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BRUN=${BRUN:-$top/build/brun}
T=$(mktemp -d "${TMPDIR:-/tmp}/brun-e2e-XXXXXX")
export BRUN BRUN_STORE=$T/store XDG_CONFIG_HOME=$T/config NO_COLOR=1
number=0
failed=0

finish() {
	chmod -R u+rwX "$T" 2>/dev/null
	rm -rf "$T"
	echo "1..$number"
	[ "$failed" -eq 0 ] || exit 1
}
trap finish EXIT

ok() {
	number=$((number + 1))
	echo "ok $number - $1"
}

# not_ok NAME [FILE…]: the files are what a person needs to see why.
not_ok() {
	number=$((number + 1))
	failed=$((failed + 1))
	local name=$1 file
	shift
	for file in "$@"; do
		[ -f "$file" ] && sed 's/^/#   /' "$file"
	done
	echo "not ok $number - $name"
}

skip() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# check NAME COMMAND…: the command succeeds.
check() {
	local name=$1
	shift
	if "$@" >"$T/out" 2>"$T/err" </dev/null; then ok "$name"; else
		echo "#   exit $?: $*"
		not_ok "$name" "$T/out" "$T/err"
	fi
}

# expect NAME STATUS TEXT COMMAND…: it ends with that status, and stderr or stdout has the text.
expect() {
	local name=$1 status=$2 text=$3 got
	shift 3
	"$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	if [ "$got" -eq "$status" ] && cat "$T/out" "$T/err" | grep -qF -- "$text"; then ok "$name"; else
		echo "#   expected status $status and the text: $text"
		echo "#   got status $got from: $*"
		not_ok "$name" "$T/out" "$T/err"
	fi
}
