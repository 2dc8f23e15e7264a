# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What every end-to-end script starts with: `. "$(dirname "$0")/lib.sh"`. One fact a check; the
# output is TAP, which tests/run counts. $BRUN is the program under test, $T a scratch folder of this
# script's own, $BRUN_STORE lies in it: a script never sees another's store.
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BRUN=${BRUN:-$top/build/runner/brun}
T=$(mktemp -d "${TMPDIR:-/tmp}/brun-e2e-XXXXXX") || exit 2
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

# make_base: $T/base.tar and $base_sha256, a root file system with a shell and a few tools, made of this host's
# own programs and their libraries. Enough to run steps with, in a second and without a network.
make_base() {
	local root=$T/base name program library
	mkdir -p "$root/usr/bin" "$root/usr/lib" "$root/usr/lib64" "$root/etc"
	ln -s usr/bin "$root/bin"
	ln -s usr/lib "$root/lib"
	ln -s usr/lib64 "$root/lib64"
	for name in sh cat cp mkdir ln rm ls env sleep chmod touch head tail wc sort mknod mkfifo id uname tr sed grep dd stty; do
		program=$(command -v "$name") && cp -L "$program" "$root/usr/bin/$name"
	done
	for program in "$root"/usr/bin/*; do
		ldd "$program" 2>/dev/null | grep -oE '/[^ ]+' | while read -r library; do
			mkdir -p "$root/usr/$(dirname "${library#/usr}")"
			cp -nL "$library" "$root/usr/${library#/usr}"
		done
	done
	tar -C "$root" -cf "$T/base.tar" .
	base_sha256=$(sha256sum "$T/base.tar" | cut -d' ' -f1)
	export base_sha256
	rm -rf "$root"
}

# recipe NAME <<'EOF': $T/NAME.lua, with a local `base` in front of what stdin brings.
recipe() {
	{
		printf 'local base = unpack { fetch { url = "file://%s", sha256 = "%s" } }\n' "$T/base.tar" "$base_sha256"
		cat
	} >"$T/$1.lua"
}

# started FILE: how many actions a build's --json events say it started.
started() {
	grep -c '"started"' "$1" || true
}
