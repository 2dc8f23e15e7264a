# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # what is set here is used by the scripts and their facts
# What the tests of the launcher share: a directory of their own, a program twice in it, native and wrapped. TAP.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:-$here/../../build}" && pwd)
wrap=$build/tests/wrap
dir=$(mktemp -d "${TMPDIR:-/tmp}/brun-launcher-XXXXXX")
trap 'rm -rf --one-file-system "$dir"' EXIT
cd "$dir" || exit 2
number=0 failed=0
id=0123456789abcdef

ok() { # STATUS NAME
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		failed=$((failed + 1))
		echo "not ok $number - $2"
		sed 's/^/# /' "$dir/why" 2>/dev/null | head -n 20
	fi
	rm -f "$dir/why"
}
skip() { number=$((number + 1)); echo "ok $number - $1 # SKIP $2"; }
has() { command -v "$1" >/dev/null 2>&1; }

# same NAME SHELL_TEXT: the text, with $program, gives the same output and status native (a/bin) and
# wrapped (b/bin).
same() {
	local name=$1 text=$2 side
	for side in a b; do
		program=$dir/$side/bin/$file bash -c "$text" >out 2>err
		echo "status $?" >>out
		cat out err | sed "s|$dir/[ab]/|DIR/|g" >"$side.seen"
	done
	diff -a a.seen b.seen >why 2>&1
	ok $? "$name"
}

# fact NAME SHELL_TEXT: the text succeeds.
fact() {
	(eval "$2") >why 2>&1
	ok $? "$1"
}

# make NAME COMPILER FLAGS…: a/bin/NAME, and b/bin/NAME with the options in $options.
options=()
make() {
	file=$1
	shift
	mkdir -p a/bin b
	"$@" -o "a/bin/$file" 2>compile.log || { cp compile.log why; ok 1 "compile $file"; return 1; }
	"$wrap" "${options[@]+"${options[@]}"}" "a/bin/$file" b 2>why || { ok 1 "wrap $file"; return 1; }
}
