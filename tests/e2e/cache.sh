#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Shared caches: machine A builds and sends, machine B takes it. A folder, nginx, docker-registry, S3, TLS, passwords.
# shellcheck source=tests/e2e/cache_lib.sh
. "$(dirname "$0")/cache_lib.sh"

# --- the key
check "the secret key is for its owner alone" [ "$(stat -c %a config/brun/cache-key)" = 600 ]
check "asked again, the same one is printed" [ "$("$BRUN" cache key)" = "$key" ]
chmod 644 config/brun/cache-key
expect "one that others may read is refused" 2 "chmod 600" "$BRUN" build two.lua --cache "$T/cache" --push
chmod 600 config/brun/cache-key
expect "who has none can't send" 2 "brun cache key makes one" env BRUN_CACHE_KEY="$T/none" "$BRUN" build two.lua --cache "$T/cache" --push
for address in ftp://host/x cache "http://" "http://host/?x" "s3://" "s3://b?endpoint=x" "oci://host" "/a b"; do
	expect "no cache: $address" 2 "a cache is /DIR" "$BRUN" build two.lua --cache "$address"
done
expect "no password in an address" 2 "netrc" "$BRUN" build two.lua --cache "http://me:secret@host/"
check "  nor in what is said of it" [ -z "$(grep secret err)" ]
expect "no trusted key" 2 "ed25519:" "$BRUN" build two.lua --trust ed25519:123

# --- a folder
check "A builds and sends" on A --cache "$T/cache" --push
check "and says what was sent" grep -q '"notice".*3 records and' events
pulls "B builds nothing: the wanted output is pulled, nothing else" 0 1 --cache "$T/cache"
check "not what it is made of" [ "$(find B/trees -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]
on B -o result --trust "$key" --cache "$T/cache" >/dev/null
check "the second time there is nothing to do" [ "$(grep -c '"started"\|"pull' events)" = 0 ]
mv cache gone
echo "-- a comment" >>two.lua
on B -o result --offline >/dev/null
check "nor with the cache gone and the recipe's text changed" [ "$(grep -c '"started"\|"pull' events)" = 0 ]
mv gone cache
check "B's store is in order" "$BRUN" verify --store "$T/B"
words second
pulls "a changed step is run, on the pulled tree of what it needs" 1 1 --cache "$T/cache"
check "  what moves files about is made anew" grep -q '"started".*"kind":"unpack"' events
words first "another script"
pulls "a step that comes out as before stops the rebuild: what rests on it is pulled" 1 1 --cache "$T/cache"
words first
pulls "with --no-cache none is asked" 2 0 --cache "$T/cache" --no-cache
rm -rf B
check "B has it, to be offline with" on B --no-cache
: >events
BRUN_STORE=$T/B "$BRUN" build --json --offline --trust "$key" --cache "$T/cache" two.lua 2>events >path
check "nor with --offline" [ "$(grep -c '"pull' events)" = 0 ]
words third
expect "brun cache pull builds nothing" 4 "no cache has the output of shout" env BRUN_STORE="$T/C" "$BRUN" cache pull two.lua --trust "$key" --cache "$T/cache"
words first
check "it takes what is there" env BRUN_STORE="$T/C" "$BRUN" cache pull two.lua --trust "$key" --cache "$T/cache"
check "  and prints where" test -x "$(cat out)/share/shout"
expect "what is not built can't be sent" 2 "is not in the store" env BRUN_STORE="$T/D" "$BRUN" cache push two.lua --cache "$T/other"
check "brun cache push sends what was built before" env BRUN_STORE="$T/A" "$BRUN" cache push two.lua --cache "$T/other"
pulls "  all that it takes" 0 1 --cache "$T/other"
rm other/cas/*
check "what is missing there is sent again" env BRUN_STORE="$T/A" "$BRUN" cache push two.lua --cache "$T/other"
pulls "  and is whole again" 0 1 --cache "$T/other"
before=$(find other -type f -printf '%p %i\n' | sort)
check "what is there is not sent again" env BRUN_STORE="$T/A" "$BRUN" cache push two.lua --cache "$T/other"
check "  not one file" [ "$before" = "$(find other -type f -printf '%p %i\n' | sort)" ]
BRUN_STORE=$T/A2 "$BRUN" build two.lua --cache "$T/again" --push >/dev/null 2>&1
check "one tree is one archive, bit for bit, whoever makes it" [ "$(ls cache/cas)" = "$(ls again/cas)" ]

# --- a step that comes out different each time
sed 's/echo hello/{ echo hello; cat \/proc\/sys\/kernel\/random\/uuid; }/' two.lua >kept && mv kept two.lua
check "A sends what it made" on A --cache "$T/random" --push
pulls "B takes just that" 0 1 --cache "$T/random"
tree=$(basename "$(readlink -f B/trees/*)")
check "  not one like it" [ -d "A/trees/$tree" ]
rm random/cas/*
pulls "with the trees gone from the cache, all is made, and goes together" 2 0 --cache "$T/random"
silent
words first

# --- in the configuration
cat >config/brun/config.json <<-EOF_CONFIG
	{"caches": [{"url": "$T/configured", "push": true}, "$T/cache"], "trusted_keys": ["$key"]}
EOF_CONFIG
words fourth
check "caches of the configuration are sent to" on A
check "  all that the output rests on, also what was there before" [ "$(find configured/ac -type f | wc -l)" = 3 ]
rm -rf B
on B -o result >/dev/null
check "  and taken from" [ "$(grep -c '"pulled"' events)" = 1 ]
echo '{"caches": "x"}' >config/brun/config.json
expect "a wrong configuration is an error" 2 "config.json" "$BRUN" build two.lua
rm config/brun/config.json
words first

# --- two at once
rm -rf B
for n in 1 2; do
	BRUN_STORE=$T/B "$BRUN" build two.lua -o "both$n" --trust "$key" --cache "$T/cache" >"told$n" 2>&1 &
	both[n]=$!
done
wait "${both[1]}" && wait "${both[2]}"
check "two at once share a store" [ $? -eq 0 -a -x both1/share/shout -a -x both2/share/shout ]
check "  and pull it once" [ "$(cat told1 told2 | grep -c '^pulled')" = 1 ]

# --- nothing to do
if command -v strace >/dev/null; then
	echo "{\"caches\": [{\"url\": \"http://127.0.0.1:1/\", \"push\": true}]}" >config/brun/config.json
	BRUN_STORE=$T/A strace -f -o trace -e trace=network,execve "$BRUN" build two.lua >/dev/null 2>&1
	check "with nothing to do no cache is asked, and no helper started" [ "$(grep -cE 'execve|connect|socket\(AF_INET' trace)" = 1 ]
	rm config/brun/config.json
fi
on E --cache "$T/cache" >/dev/null
{ BRUN_STORE=$T/E strace -f -o trace -s 4096 -e trace=execve "$BRUN" cache push two.lua --cache http://127.0.0.1:1/ >/dev/null 2>&1; } || true
check "helpers are told nothing on their command line" [ -z "$(grep execve trace | grep helper | grep -e ed25519 -e http)" ]

# --- servers
# shared NAME URL: A sends there what it has, B builds nothing.
shared() {
	local name=$1 url=$2
	expect "$name: A sends" 0 "3 records" env BRUN_STORE="$T/A" "$BRUN" cache push two.lua --cache "$url"
	expect "  and what is there is not sent again" 0 "" env BRUN_STORE="$T/A" "$BRUN" cache push two.lua --cache "$url"
	check "  silently" [ "$(grep -c sent err)" = 0 ]
	pulls "$name: B builds nothing" 0 1 --cache "$url"
	silent
}
port=$((20000 + RANDOM % 20000))
if find_server nginx nginx; then
	mkdir -p nginx/www nginx/tmp && chmod 755 "$T" && chmod -R 777 nginx
	cat >nginx/conf <<-EOF_NGINX
		daemon off; pid $T/nginx/pid; error_log $T/nginx/error.log; worker_processes 1; events {}
		http {
			access_log off; client_body_temp_path $T/nginx/tmp/body; proxy_temp_path $T/nginx/tmp/proxy;
			fastcgi_temp_path $T/nginx/tmp/f; uwsgi_temp_path $T/nginx/tmp/u; scgi_temp_path $T/nginx/tmp/s;
			server {
				listen 127.0.0.1:$port; root $T/nginx/www; client_max_body_size 0;
				location / { dav_methods PUT; create_full_put_path on; }
			}
		}
	EOF_NGINX
	"$program" -c "$T/nginx/conf" 2>/dev/null &
	servers+=($!)
	await test -s nginx/pid
	shared "nginx" "http://127.0.0.1:$port/cache/"
else
	skip "nginx" "it is neither installed nor to be had from Debian's archive"
fi
if find_server docker-registry docker-registry; then
	port=$((port + 1))
	cat >registry.yml <<-EOF_REGISTRY
		version: 0.1
		log: {level: error}
		storage: {filesystem: {rootdirectory: $T/registry}}
		http: {addr: "127.0.0.1:$port"}
	EOF_REGISTRY
	"$program" serve registry.yml >registry.log 2>&1 &
	servers+=($!)
	await listens
	shared "docker-registry" "oci+http://127.0.0.1:$port/team/cache"
	BRUN_CACHE_PART_BYTES=100 shared "docker-registry, in chunks" "oci+http://127.0.0.1:$port/team/chunks"
	"$program" garbage-collect registry.yml >/dev/null 2>&1
	pulls "  its own clean-up leaves all that is needed" 0 1 --cache "oci+http://127.0.0.1:$port/team/cache"
else
	skip "docker-registry" "it is neither installed nor to be had from Debian's archive"
fi
# npm install s3rver somewhere, and name that folder.
if [ -d "${BRUN_TEST_S3RVER:-}/node_modules/s3rver" ] && command -v node >/dev/null; then
	port=$((port + 1))
	node -e "new (require('$BRUN_TEST_S3RVER/node_modules/s3rver'))({port: $port, address: '127.0.0.1', silent: true,
		directory: '$T/s3', configureBuckets: [{name: 'bucket'}]}).run()" >/dev/null 2>&1 &
	servers+=($!)
	await listens
	export AWS_ACCESS_KEY_ID=S3RVER AWS_SECRET_ACCESS_KEY=S3RVER
	shared "s3rver" "s3://bucket/a/prefix?endpoint=http://127.0.0.1:$port&region=eu-west-1"
	BRUN_CACHE_PART_BYTES=100 shared "s3rver, in parts" "s3://bucket/parts?endpoint=http://127.0.0.1:$port&region=eu-west-1"
	AWS_ACCESS_KEY_ID=unknown # it does not check signatures; the server below does
	expect "  another key is refused" 4 "HTTP 403" env BRUN_STORE="$T/A" "$BRUN" cache push two.lua \
		--cache "s3://bucket/other?endpoint=http://127.0.0.1:$port"
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
else
	skip "s3rver" "BRUN_TEST_S3RVER names no folder where npm has installed it, or node is missing"
fi

command -v python3 >/dev/null || { skip "signatures, passwords, TLS" "python3 is not installed"; exit 0; }
mkdir served
serve "$T/served"
export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET
shared "a server that checks AWS signatures" "s3://bucket/a/prefix?endpoint=http://127.0.0.1:$port/s3&region=eu-west-1"
rm -rf served/a
export BRUN_CACHE_PART_BYTES=100
shared "the same, what is large in parts" "s3://bucket/parts?endpoint=http://127.0.0.1:$port/s3&region=eu-west-1"
check "  one part failed, and was sent again" [ "$(grep -c 'PUT /s3/bucket/parts/cas/.*partNumber=2&' served/log)" -ge 2 ]
expect "  parts that can't be sent are taken back" 4 "HTTP 500" env BRUN_STORE="$T/A" "$BRUN" cache push two.lua \
	--cache "s3://bucket/bad?endpoint=http://127.0.0.1:$port/s3"
check "  so that none is left there" grep -q 'DELETE /s3/bucket/bad/cas/.*uploadId=' served/log
unset BRUN_CACHE_PART_BYTES
export AWS_SESSION_TOKEN=of-a-session
pulls "  a session's token is signed, too" 0 1 --cache "s3://bucket/parts?endpoint=http://127.0.0.1:$port/s3&region=eu-west-1"
AWS_SECRET_ACCESS_KEY=wrong
pulls "  the wrong secret is refused" 2 0 --cache "s3://bucket/a/prefix?endpoint=http://127.0.0.1:$port/s3"
says "HTTP 403"
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
printf 'machine 127.0.0.1 login KEY password SECRET\n' >keys && chmod 600 keys
NETRC=$T/keys pulls "  netrc may have the keys instead" 0 1 --cache "s3://bucket/parts?endpoint=http://127.0.0.1:$port/s3"

# bazel-remote can't be had from Debian: a server that takes and refuses what it does.
shared "as bazel-remote with --disable_http_ac_validation" "http://127.0.0.1:$port/bazel"
expect "as bazel-remote without it: brun says what it takes" 4 "--disable_http_ac_validation" env BRUN_STORE="$T/A" \
	"$BRUN" cache push two.lua --cache "http://127.0.0.1:$port/bazel-strict/instance"
pulls "  and B builds" 2 0 --cache "http://127.0.0.1:$port/bazel-strict/nothing"
rm -rf served/ac served/cas served/bazel
pulls "a server that wants a password, and gets none" 2 0 --cache "http://127.0.0.1:$port/auth"
says "HTTP 401"
printf 'machine 127.0.0.1 login me password secret\n' >.netrc && chmod 600 .netrc
shared "with one from .netrc" "http://127.0.0.1:$port/auth"
shared "a registry that wants a token" "oci+http://127.0.0.1:$port/x/y"
check "  got by that password" grep -q 'GET /token?service=here&scope=repository%3Ax%3Apull%2Cpush Basic' served/log
serve "$T/served"
shared "a registry whose first upload breaks off" "oci+http://127.0.0.1:$port/broken"
serve "$T/served"
: >served/log
BRUN_CACHE_PART_BYTES=100 shared "a registry in chunks, of which every other breaks off" "oci+http://127.0.0.1:$port/halves"
check "  it was asked how far it got" grep -q 'GET /halves/blobs/uploads/\|GET /v2/halves/blobs/uploads/' served/log
BRUN_CACHE_PART_BYTES=100 shared "a registry that says once where an upload goes on" "oci+http://127.0.0.1:$port/stays"
check "nothing secret is said" [ -z "$(cat events err out | grep -e secret -e a-token)" ]
: >served/log
pulls "a password stays with its host" 0 1 --cache "http://127.0.0.1:$port/away"
check "  sent on to another, the question goes without" grep -q '^GET /ok/cas/[0-9a-f]* -$' served/log
check "  and the first got it" grep -q '^GET /away/cas/[0-9a-f]* Basic$' served/log
rm .netrc

# --- TLS
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca >/dev/null 2>&1
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost >/dev/null 2>&1
printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\n' >extensions
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions \
	-out server.pem >/dev/null 2>&1
serve "$T/served" "$T/server.pem" "$T/server.key"
pulls "an authority that nobody named is not trusted" 2 0 --cache "https://127.0.0.1:$port/ok"
says "certificate"
export SSL_CERT_FILE=$T/ca.pem
shared "over TLS, by an authority that SSL_CERT_FILE names" "https://127.0.0.1:$port/ok"
pulls "a host of another name is not trusted" 2 0 --cache "https://127.0.0.2:$port/ok"
says "127.0.0.2"
pulls "TLS does not lead to a plain server" 2 0 --cache "https://127.0.0.1:$port/away"
says "http"
mkdir -p served/sources && cp base.tar served/sources/base.tar
sed "s|file://$T/base.tar|https://127.0.0.1:$port/ok/sources/base.tar|" two.lua >fetched.lua
expect "a source is fetched over TLS" 0 "" env BRUN_STORE="$T/F" "$BRUN" build --json fetched.lua
check "  from there" grep -q "GET /ok/sources/base.tar" served/log
unset SSL_CERT_FILE
expect "but not from a server that nobody vouches for" 4 "certificate" env BRUN_STORE="$T/G" "$BRUN" build fetched.lua
