#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Shared caches that fail or lie: the build ends right all the same, and says once what was wrong.
# shellcheck source=tests/e2e/cache_lib.sh
. "$(dirname "$0")/cache_lib.sh"
command -v python3 >/dev/null || { skip "caches that fail" "python3 is not installed"; exit 0; }

check "machine A builds and sends" on A --cache "$T/cache" --push
serve "$T/cache"
at() { echo "http://127.0.0.1:$port/$1"; }

pulls "a good server: nothing runs" 0 1 --cache "$(at ok)"
silent
pulls "an answer that breaks off goes on where it broke off" 0 1 --cache "$(at cas-resume)"
silent
check "by range" [ "$(grep -c 'GET /cas-resume/cas/' cache/log)" = 2 ]
pulls "one that sends on to another host is followed" 0 1 --cache "$(at away)"
silent

pulls "HTTP 500 for everything" 2 0 --cache "$(at all-500)"
says "HTTP 500"
check "  after which it is left alone" [ "$(grep -c 'GET /all-500' cache/log)" -le 24 ]
pulls "HTTP 500 for records" 2 0 --cache "$(at ac-500)"
says "HTTP 500"
pulls "HTTP 500 for archives" 2 0 --cache "$(at cas-500)"
says "HTTP 500"
pulls "an archive that was cleaned away" 2 0 --cache "$(at cas-404)"
silent
pulls "records that are garbage" 2 0 --cache "$(at ac-garbage)"
says "it is no signed record"
pulls "a record with one digit changed" 2 0 --cache "$(at ac-flip)"
says "its signature is not right"
pulls "the record of another action" 2 0 --cache "$(at ac-swap)"
says "it gave the record of another action"
pulls "a record without end" 2 0 --cache "$(at ac-huge)"
says "more than 4096 bytes"
pulls "an archive without end" 2 0 --cache "$(at cas-huge)"
says "more than"
pulls "an archive of other bytes" 2 0 --cache "$(at cas-garbage)"
says "another SHA-256"
pulls "half an archive, time and again" 2 0 --cache "$(at cas-cut)"
says "/cas-cut/cas/"
pulls "a Content-Length that is too small" 2 0 --cache "$(at cas-short)"
says "another SHA-256"
pulls "a Content-Length that is too large" 2 0 --cache "$(at cas-long)"
says "/cas-long/cas/"
pulls "a slow drip" 2 0 --cache "$(at cas-drip)"
says "too slow"
pulls "no answer" 2 0 --cache "$(at hang)"
says "too slow"
pulls "sent round in circles" 2 0 --cache "$(at round)"
says "redirects"
pulls "no server" 2 0 --cache "http://127.0.0.1:1/"
says "Failed to connect"
pulls "one that fails beside one that does not" 0 1 --cache "$(at all-500)" --cache "$(at ok)"
says "HTTP 500"
pulls "one that lies beside one that does not" 0 1 --cache "$(at cas-garbage)" --cache "$(at ok)"
says "another SHA-256"

# what is trusted
mkdir stranger
BRUN_CACHE_KEY=$T/stranger/key "$BRUN" cache key >stranger/public
check "a stranger sends, too" env BRUN_CACHE_KEY="$T/stranger/key" "$BRUN" build two.lua --store "$T/S" --cache "$T/strange" --push
pulls "what a stranger has signed" 2 0 --cache "$T/strange"
says "signed by $(cat stranger/public), which is not trusted"
pulls "unless we trust that one" 0 1 --cache "$T/strange" --trust "$(cat stranger/public)"
ours=$key key=$(cat stranger/public)
pulls "then our own is not enough" 2 0 --cache "$T/cache"
says "$ours, which is not trusted"
key=$ours
on C --cache "$T/cache" >/dev/null
check "without a trusted key nothing is taken" [ "$(grep '"started"' events | grep -c '"kind":"run"')" = 2 ]
says "no key is trusted"

# sending
mkdir empty
serve "$T/empty"
pulls "a server that takes nothing" 2 0 --cache "$(at put-500)" --push
check "  and says that" grep -q '"notice".*HTTP 500' events
check "  and what is left to do" grep -q '"notice".*3 records could not be sent; brun cache push' events
check "once each" [ "$(grep -c '"notice".*\(HTTP 500\|could not be sent\)' events)" = 2 ]
serve "$T/cache"
expect "a push that fails is a failure of brun cache push" 4 "could not be sent" env BRUN_STORE="$T/S" "$BRUN" cache push two.lua \
	--cache "http://127.0.0.1:1/"

# interrupted NAME STATUS SIGNAL: a push to a server that does not answer, once it has been asked.
interrupted() {
	local got
	: >"$T/cache/log"
	BRUN_STORE=$T/S BRUN_FETCH_STALL_MS=60000 "$BRUN" cache push two.lua --cache "$(at hang)" >"$T/out" 2>"$T/told" &
	await test -s "$T/cache/log"
	kill -"$3" $!
	wait $!
	got=$?
	check "$1" [ $got = "$2" ]
	check "  and says that" grep -q "sending was stopped" "$T/told"
}
interrupted "an interrupted push ends as interrupted" 130 INT
interrupted "or terminated" 143 TERM

# the server goes away in the middle
pulls "a server that is gone in the middle of an archive" 2 0 --cache "$(at cas-die)"
says "/cas-die/cas/"
if listens 2>/dev/null; then not_ok "it is gone" /dev/null; else ok "it is gone"; fi
