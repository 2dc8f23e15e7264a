# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the scripts about shared caches share, beside lib.sh: two machines, A and B, each a store of its own.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
make_base
cd "$T" || exit 2
# Of the caller's own only what a test sets counts; and nobody waits for a server that is slow on purpose.
unset BRUN_CACHE_KEY NETRC AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION
unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR http_proxy https_proxy all_proxy
export HOME=$T BRUN_FETCH_BACKOFF_MS=1 BRUN_FETCH_STALL_MS=1000
servers=()
stop_servers() {
	local pid
	for pid in "${servers[@]}"; do kill "$pid" 2>/dev/null; done
	finish
}
trap stop_servers EXIT

# Does anything take connections on $port?
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$port"); }

# await COMMAND…: until it succeeds, ten seconds at most.
await() {
	local deadline=$((SECONDS + 10))
	until "$@" >/dev/null 2>&1 || [ "$SECONDS" -ge "$deadline" ]; do :; done
}

# find_server PROGRAM PACKAGE: $program is where it is: installed, or unpacked from Debian's package into build/tools.
# Installing that would start it as a service of this machine.
find_server() {
	local tools=$top/build/tools/$2
	program=$(command -v "$1") && return
	if [ ! -d "$tools" ] && command -v apt-get dpkg-deb >/dev/null; then
		mkdir -p "$T/download" && (cd "$T/download" && apt-get download "$2") >/dev/null 2>&1 &&
			dpkg-deb -x "$T/download/$2"_*.deb "$T/download/root" && mkdir -p "$top/build/tools" &&
			mv "$T/download/root" "$tools"
	fi
	program=$(find "$tools" -type f -path "*bin/$1" 2>/dev/null | head -n 1)
	[ -n "$program" ]
}

# serve FOLDER [CERT KEY]: the server of cache_server.py; $port is where.
serve() {
	: >"$T/port"
	python3 "$top/tests/e2e/cache_server.py" "$@" >"$T/port" 2>"$T/server.err" &
	servers+=($!)
	await test -s "$T/port"
	read -r port <"$T/port"
	export port
}

# words TEXT [COMMENT]: a recipe of two steps, one on top of the other.
words() {
	recipe two <<-EOR
		local words = run { name = "words", base = base, script = [[
		# ${2-}
		mkdir -p \$DESTDIR\$PREFIX/share; echo hello >\$DESTDIR\$PREFIX/share/words
		]] }
		return run { name = "shout", base = base, deps = { words }, script = [[
		mkdir -p \$DESTDIR\$PREFIX/share \$DESTDIR\$PREFIX/empty; ln -s words \$DESTDIR\$PREFIX/share/link
		{ tr a-z A-Z <\$PREFIX/share/words; echo "$1"; } >\$DESTDIR\$PREFIX/share/shout
		chmod +x \$DESTDIR\$PREFIX/share/shout
		]] }
	EOR
}
words first
key=$("$BRUN" cache key)

# on STORE ARG…: brun build of the recipe on that machine, with JSON events in $T/events.
on() {
	local store=$1
	shift
	BRUN_STORE=$T/$store "$BRUN" build --json two.lua "$@" 2>"$T/events"
}

# pulls NAME RUN PULLED ARG…: machine B, with an empty store, builds; RUN steps run, PULLED outputs are pulled.
pulls() {
	local name=$1 run=$2 pulled=$3 got
	shift 3
	rm -rf result
	chmod -R u+w B 2>/dev/null
	rm -rf B
	on B -o result --trust "$key" "$@" >"$T/path"
	got=$?
	if [ $got -eq 0 ] && [ "$(head -n 1 result/share/shout)" = HELLO ] && [ -d result/empty ] && [ -L result/share/link ] &&
		[ "$(grep '"started"' events | grep -c '"kind":"run"')" = "$run" ] &&
		[ "$(grep -c '"event":"pulled"' events)" = "$pulled" ]; then ok "$name"; else
		echo "#   status $got; expected $run steps and $pulled pulled"
		not_ok "$name" events
	fi
}

# says TEXT: the last build said one thing about a cache, and that is in it.
says() {
	if [ "$(grep -c '"notice"' events)" = 1 ] && grep '"notice"' events | grep -qF -- "$1"; then
		ok "  and says once: $1"
	else
		not_ok "  and says once: $1" events
	fi
}
silent() { check "  and says nothing of it" [ "$(grep -c '"notice"' events)" = 0 ]; }
