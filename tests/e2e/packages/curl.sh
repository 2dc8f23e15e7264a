#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The trick: curl, built from source, runs wherever its directory is put. Needs the archive (network).
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../lib.sh"
# What packages built before is used again where the caller keeps a store for it.
export BRUN_STORE=${BRUN_PACKAGES_STORE:-$T/store}
cd "$T" || exit 2
chmod 755 "$T"
# The caller's own trust would win over what the tests name.
unset CURL_CA_BUNDLE SSL_CERT_DIR SSL_CERT_FILE
servers=()
# await COMMAND…: until it succeeds, ten seconds at most.
await() {
	local deadline=$((SECONDS + 10))
	until "$@" >/dev/null 2>&1 || [ "$SECONDS" -ge "$deadline" ]; do :; done
}
stop_servers() {
	local pid
	for pid in "${servers[@]}"; do kill "$pid" 2>/dev/null; done
	finish
}
trap stop_servers EXIT

check "curl builds from source" "$BRUN" build "$top/recipes/curl.lua" -o output
[ -x output/bin/curl ] || { cat "$T/err"; exit 1; }
output/bin/curl --version >version
version=$(cat version)
for feature in HTTP2 libz SSL zstd; do
	check "the feature $feature is in it" grep -qE "^Features:.* $feature( |\$)" version
done
check "the second build starts no action" sh -c \
	"\"$BRUN\" build --offline --json '$top/recipes/curl.lua' -o output 2>&1 >/dev/null | grep '\"started\"' | wc -l | grep -qx 0"
if command -v strace >/dev/null; then
	strace -f -o trace -e trace=network,execve "$BRUN" build "$top/recipes/curl.lua" -o output >/dev/null 2>&1
	check "and makes no network call, and starts no other program" sh -c \
		"grep -E 'execve|connect|sendto|socket\(AF_INET' trace | grep -vc 'execve(\"$BRUN\"' | grep -qx 0"
fi

# A server with a certificate of an authority that only SSL_CERT_FILE names.
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca >/dev/null 2>&1
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost >/dev/null 2>&1
printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\n' >extensions
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions \
	-out server.pem >/dev/null 2>&1
mkdir www && echo "hello over TLS" >www/greeting
port=$((20000 + RANDOM % 20000))
(cd www && exec openssl s_server -quiet -WWW -accept "127.0.0.1:$port" -cert ../server.pem -key ../server.key) >/dev/null 2>&1 &
servers+=($!)
await env SSL_CERT_FILE="$T/ca.pem" output/bin/curl -s "https://127.0.0.1:$port/greeting"

# works NAME COMMAND…: this curl prints its version and fetches over TLS; stdout is compared.
works() {
	local name=$1
	shift
	expect "$name: --version" 0 "${version%% (*}" "$@" --version
	expect "$name: https" 0 "hello over TLS" env SSL_CERT_FILE="$T/ca.pem" "$@" -sS "https://127.0.0.1:$port/greeting"
}
works "in place" output/bin/curl
expect "an authority that nobody named is not trusted" 60 "" output/bin/curl -sS "https://127.0.0.1:$port/greeting"
cp -r output elsewhere
works "after cp -r" elsewhere/bin/curl
mv elsewhere moved
works "after mv" moved/bin/curl
ln -s "$T/moved/bin/curl" link
works "through a symlink" ./link
mkdir "a dir:with \$odd ch\"ars"
cp -r output "a dir:with \$odd ch\"ars/output"
works "from a directory with an odd name" "$T/a dir:with \$odd ch\"ars/output/bin/curl"

if [ "$(id -u)" -eq 0 ]; then
	chmod 644 ca.pem
	works "as another user" setpriv --reuid=54321 --regid=54321 --clear-groups output/bin/curl
	enter() { "$@"; }
	enter=(unshare --mount --pid --fork)
else
	enter=(unshare -Ur --mount --pid --fork)
fi

# In a root with nothing but output/ in it (and the certificate of the test's server).
mkdir root && cp -r output root/output && cp ca.pem root/output/ca.pem
empty=("${enter[@]}" chroot root)
# shellcheck disable=SC2016
proc=("${enter[@]}" sh -c 'mkdir -p root/proc && mount -t proc proc root/proc && exec chroot root "$@"' sh)
inside=(env SSL_CERT_FILE=/output/ca.pem)
expect "in an empty root without /proc: --version" 0 "${version%% (*}" "${empty[@]}" /output/bin/curl --version
expect "in an empty root without /proc: https" 0 "hello over TLS" "${inside[@]}" "${empty[@]}" /output/bin/curl -sS "https://127.0.0.1:$port/greeting"
expect "in an empty root with /proc: --version" 0 "${version%% (*}" "${proc[@]}" /output/bin/curl --version
expect "in an empty root with /proc: https" 0 "hello over TLS" "${inside[@]}" "${proc[@]}" /output/bin/curl -sS "https://127.0.0.1:$port/greeting"

# The directory itself as the root, as in an image that is nothing but it.
as_root=("${enter[@]}" chroot output)
expect "as the root itself: --version" 0 "${version%% (*}" "${as_root[@]}" /bin/curl --version
expect "as the root itself: its own authorities are found" 60 "local issuer certificate" "${as_root[@]}" /bin/curl -sS "https://127.0.0.1:$port/greeting"

# What is mapped while it runs: it waits for a server that accepts and never answers.
python3 -c '
import socket
server = socket.create_server(("127.0.0.1", 0))
server.settimeout(600)
print("port", server.getsockname()[1], flush=True)
held = []
while True:
	held.append(server.accept())
	print("accepted", len(held), flush=True)' >silent &
servers+=($!)
await grep -q port silent
# waiting NAME=VALUE…: starts curl in that environment; its maps are in ./maps, its number is $curl.
started=0
start=()
waiting() {
	started=$((started + 1))
	"${start[@]}" env -i "$@" output/bin/curl -s --max-time 600 "http://127.0.0.1:$(sed -n 's/^port //p' silent)/" >/dev/null &
	curl=$!
	servers+=("$curl")
	await grep -q "accepted $started" silent
	cat "/proc/$curl/maps" >maps # cp would give it the mode of the original, which nobody may write to
	mapped=$(awk '$6 ~ /^\// { print $6 }' maps | sort -u)
}
waiting
check "it maps its own files" grep -qF "$T/output/brun-resources.d/" maps
check "and no file of the host" [ -z "$(grep -v "^$T/output/" <<<"$mapped")" ]
check "/proc/self/exe is the visible file" [ "$(readlink "/proc/$curl/exe")" = "$T/output/bin/curl" ]
kill "$curl"
for setting in LANG=C.UTF-8 LANG=de_DE.UTF-8 LC_ALL=en_US.UTF-8; do
	waiting "$setting"
	check "nor with $setting" [ -n "$mapped" -a -z "$(grep -v "^$T/output/" <<<"$mapped")" ]
	check "but the locale of its own" grep -q '/locale/C.UTF-8/LC_CTYPE$' maps
	kill "$curl"
done
# A host that has these locales: made here, bound over its own.
if [ -d /usr/lib/locale ] && mkdir locales && localedef -i de_DE -f UTF-8 locales/de_DE.utf8 2>/dev/null &&
	unshare -Ur --mount mount --bind locales /usr/lib/locale 2>/dev/null; then
	# shellcheck disable=SC2016
	start=(unshare -Ur --mount sh -c 'mount --bind locales /usr/lib/locale && exec "$0" "$@"')
	waiting LC_ALL=de_DE.UTF-8
	check "nor where the host has that locale" [ -n "$mapped" -a -z "$(grep -v "^$T/output/" <<<"$mapped")" ]
else
	skip "nor where the host has that locale" "no locales can be made here"
fi
expect "brun inspect names the libraries" 0 "libssl.so.3" "$BRUN" inspect output

# Whose a file is that came out of the base. Its records are dpkg's own.
libc=$("$BRUN" plan --json "$top/recipes/curl.lua" | grep -om1 '"libc6:amd64=[^ "]*')
libc=${libc#*=}
expect "and says which package a library is of, in which version" 0 ", package libc6 $libc" "$BRUN" inspect output
expect "in JSON, too" 0 "\"version\": \"$libc\"" "$BRUN" inspect --json output
base=$("$BRUN" build "$top/recipes/toolchain.lua")
if type -P dpkg-query >/dev/null; then
	query() { dpkg-query "--admindir=$base/var/lib/dpkg" "$@"; }
	absent() {
		query -W | while read -r name _; do query -L "$name"; done | sort -u | while read -r path; do
			[ -e "$base$path" ] || [ -L "$base$path" ] || echo "$path"
		done
	}
	query -W >listed 2>said
	check "dpkg-query lists the base" [ "$(wc -l <listed)" -gt 50 ]
	check "in the same version" grep -qxF "libc6	$libc" listed
	check "and has nothing to say against it" [ ! -s said ]
	expect "it knows the source" 0 "Source: glibc" query -s libc6
	expect "it knows whose a file is" 0 "libc6: /lib/x86_64-linux-gnu/libc.so.6" query -S libc.so.6
	expect "and which files a package has" 0 "/usr/bin/make" query -L make
	check "all of which are there" [ -z "$(absent)" ]
else
	skip "dpkg-query lists the base" "there is none"
fi
