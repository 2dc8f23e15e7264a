#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Programs of another architecture: packed out of an unpacked root of Debian's arm64 packages on this machine, run by
# an emulator. Needs the archive (network) by way of this host's apt.
# shellcheck disable=SC2016 # the programs' own variables are not this shell's
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
if ! type -P apt-get dpkg-deb qemu-aarch64 >/dev/null; then
	skip "programs of another architecture" "it takes apt-get, dpkg-deb and qemu-aarch64"
	exit
fi

apt() {
	apt-get -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$T/apt/state" -o Dir::State::status="$T/apt/status" \
		-o Dir::Cache="$T/apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -qq "$@"
}
mkdir -p apt/state/lists/partial apt/cache/archives/partial debs root && : >apt/status
if ! apt update >apt/log 2>&1 || ! (cd debs && apt download bash coreutils file libacl1 libattr1 libbz2-1.0 libc-bin libc6 libgcc-s1 libgmp10 \
	liblzma5 libmagic-mgc libmagic1 libpcre2-8-0 libselinux1 libssl3 libtinfo6 ncurses-base ncurses-bin zlib1g) >>apt/log 2>&1; then
	skip "programs of another architecture" "this host's apt has no arm64 packages: $(tail -n 1 apt/log)"
	exit
fi
for deb in debs/*.deb; do dpkg-deb -x "$deb" root; done
rm -rf apt debs

run() { # COMMAND…: a packed program, the first line of what it says
	env -i TERM=xterm "${setting[@]}" qemu-aarch64 "$@" 2>told </dev/null | head -n 1
}
setting=()
if type -P strace >/dev/null; then
	check "arm64 programs are packed" strace -f -o trace -e trace=execve "$BRUN" pack bash ls file tput sort --root root -o packed
	check "and nothing of theirs is executed" [ "$(grep -c execve trace)" -eq 1 ]
else
	check "arm64 programs are packed" "$BRUN" pack bash ls file tput sort --root root -o packed
fi
check "everything in the bundle is theirs" [ "$(find packed -type f -exec file -b {} + | grep -c x86-64)" -eq 0 ]
check "bash runs" [ "$(run packed/bin/bash -c 'echo $((6 * 7)) "$0"')" = "42 packed/bin/bash" ]
check "wherever it lies" [ "$(mv packed 'o:t $x' && run 'o:t $x/bin/ls' 'o:t $x/bin/ls')" = 'o:t $x/bin/ls' ]
mv 'o:t $x' packed
check "file finds its database" [ "$(run packed/bin/file -b packed/bin/file | cut -d, -f2)" = " ARM aarch64" ]
check "tput finds its terminals" [ "$(run packed/bin/tput cols)" = 80 ]
setting=(LC_ALL=de_DE.UTF-8)
check "a character is one" [ "$(run packed/bin/bash -c 'x=ä; echo ${#x}')" = 1 ]
expect "inspect tells the machine" 0 "aarch64" "$BRUN" inspect packed
"$BRUN" pack bash ls file tput sort --root root -o again >/dev/null 2>&1
check "packed again they come out the same" diff -r --no-dereference packed again
rm root/lib/aarch64-linux-gnu/libtinfo.so.6*
expect "a library of this machine does not help" 10 "libtinfo.so.6" "$BRUN" pack bash --root root -o none
