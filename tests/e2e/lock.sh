#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun lock against a small archive of this test's own, signed with a key of its own.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 2
dist=$T/archive/dists/tiny
mkdir -p "$dist/main/binary-amd64"
export GNUPGHOME=$T/gnupg
mkdir -m 700 "$GNUPGHOME"

# stanza NAME VERSION [FIELD…]
stanza() {
	local name=$1 version=$2
	shift 2
	printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nFilename: pool/main/%s.deb\nSize: 3\nSHA256: %064d\n' \
		"$name" "$version" "$name" 7
	[ $# -eq 0 ] || printf '%s\n' "$@"
	echo
}

# release: the index and its hashes, signed as far as this host can.
release() {
	local index=$dist/main/binary-amd64/Packages.xz
	xz -c packages >"$index"
	printf 'Origin: Test\nSuite: tiny\nArchitectures: amd64\nComponents: main\nSHA256:\n %s %s main/binary-amd64/Packages.xz\n' \
		"$(sha256sum "$index" | cut -d' ' -f1)" "$(stat -c %s "$index")" >release
	if [ -n "$signs" ]; then
		gpg -q --batch --yes --local-user signer@test --clearsign --output "$dist/InRelease" release
	else
		{
			printf -- '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n'
			cat release
			printf -- '-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n'
		} >"$dist/InRelease"
	fi
}

# new_lock NAME…: a lock that wants these and has nothing pinned yet.
new_lock() {
	local wanted=
	[ $# -eq 0 ] || wanted=$(printf '"%s",' "$@")
	printf '{"version":1,"suite":"tiny","component":"main","architecture":"amd64","wanted":[%s],"assumed":["dpkg"],"packages":{}}' \
		"${wanted%,}" >lock.json
}

lock=("$BRUN" lock --file lock.json --mirror "debian=file://$T/archive")
signs=
make_key() { gpg -q --batch --passphrase '' --quick-generate-key "$1" default default never 2>/dev/null; }
if command -v gpg >/dev/null && command -v gpgv >/dev/null && make_key signer@test && make_key other@test; then
	signs=yes
	gpg -q --export signer@test >keyring.gpg
	gpg -q --export other@test >other.gpg
	lock+=(--keyring "$T/keyring.gpg")
else
	lock+=(--insecure)
fi

{
	stanza gcc 12 'Depends: libc6 (>= 2.36), dpkg'
	stanza libc6 2.36-9
	stanza make 4.3
} >packages
release
new_lock gcc
expect "a dry run tells" 0 "+ libc6 2.36-9" "${lock[@]}" --dry-run
check "and writes nothing" grep -q '"packages":{}' lock.json
expect "what is wanted is pinned with what it needs" 0 "2 packages of tiny/main, 2 changed" "${lock[@]}"
check "in a file that can be read in a diff" grep -qx '      "depends": \["libc6"\],' lock.json
cp -p lock.json before
expect "the second time nothing changes" 0 "the lock is up to date" "${lock[@]}"
check "and the file is not touched" [ ! lock.json -nt before ]
expect "a name on the command line is added" 0 "+ make 4.3" "${lock[@]}" make
expect "and taken out again" 0 "- make 4.3" "${lock[@]}" --remove make
check "as if it had never been there" cmp lock.json before
expect "what is not wanted can't be taken out" 2 "'make' is not wanted" "${lock[@]}" --remove make
expect "a package that is not there" 4 "there is no package 'gcccc' in tiny/main" "${lock[@]}" gcccc
expect "a word that is no name" 2 "'GCC' is not the name of a Debian package" "${lock[@]}" GCC
check "no failure changed the lock" cmp lock.json before

{
	stanza gcc 13 'Depends: libc6 (>= 2.36)'
	stanza libc6 2.36-9
} >packages
release
expect "an update is told" 0 "~ gcc 12 -> 13" "${lock[@]}"
stanza gcc 14 'Depends: libc6 (>= 3)' >packages
release
expect "what can't be had is said with who needs it" 4 "satisfies 'libc6 (>= 3)', needed by 'gcc'" "${lock[@]}"
stanza gcc 15 >packages
release
printf 'x' | dd of="$dist/main/binary-amd64/Packages.xz" bs=1 seek=20 conv=notrunc status=none
expect "an index that is not the listed one" 5 "Packages.xz" "${lock[@]}"
printf '{"version":1,\n"suite":}' >lock.json
expect "a malformed lock is shown by line" 3 "line 2" "${lock[@]}"
new_lock
expect "a lock that would be empty" 2 "would want no package" "${lock[@]}"
new_lock gcc

if [ -n "$signs" ]; then
	release
	expect "a key that is not in the keyring" 5 "has signed the index" "${lock[@]}" --keyring "$T/other.gpg"
	expect "is said what to do about" 5 "--insecure" "${lock[@]}" --keyring "$T/other.gpg"
	expect "--insecure takes it" 0 "+ gcc 15" "${lock[@]}" --keyring "$T/other.gpg" --insecure --dry-run
	expect "a keyring that is not there" 2 "nowhere.gpg" "${lock[@]}" --keyring "$T/nowhere.gpg"
	sed -i 's/^Origin: Test/Origin: Evil/' "$dist/InRelease"
	expect "a text that was changed after it was signed" 5 "changed after" "${lock[@]}"
	gpgconf --kill gpg-agent 2>/dev/null
else
	skip "signatures" "gpg and gpgv are not both installed"
fi
check "nothing wrote to the lock on the way" grep -q '"packages":{}' lock.json
