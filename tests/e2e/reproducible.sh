#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same recipe, built by another user in another place with another everything, gives the same tree. The
# recipe writes down all that a step can see of its surroundings.
# What stands in single quotes is for the shell in the sandbox.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2
chmod 755 "$T"

# Beside JOBS, which is the machine's, and what the kernel's tables tell of it.
facts='
echo == environment; env | grep -v ^JOBS= | sort
echo == user; id; umask
echo == place; pwd; uname -n; cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname
echo == descriptors; ls /proc/self/fd | grep -v ^3; ls -l /proc/self/fd/0 | sed "s/.*->//"; [ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo no terminal
echo == input; cat
echo == processes; set -- /proc/[0-9]*; echo $#; cat /proc/1/comm; cat /proc/1/cmdline | tr "\0" " "; echo
echo == signals; grep -E "^(Sig(Blk|Ign|Cgt|Pnd)|Cap|NoNewPrivs|Groups|[UG]id)" /proc/self/status
echo == personality; cat /proc/self/personality
echo == source; echo *; ls -lnR --time-style=+%s . | grep ^- | sed "s/  */ /g"
echo == dependency; ls -lnR --time-style=+%s /brun | grep ^- | sed "s/^\(\S*\) *[0-9]*/\1/; s/  */ /g"
echo == base; ls -lnR --time-style=+%s /usr/bin /etc | grep ^- | sed "s/^\(\S*\) *[0-9]*/\1/; s/  */ /g"
echo == root; ls -ln --time-style=+%s / | sed "s/^\(\S*\) *[0-9]* *\([0-9]* *[0-9]*\) .* \(\S.*\)$/\1 \2 \3/; s/  */ /g" | grep -vE "^total|proc$"
echo == mounts; grep -v " /proc/" /proc/self/mountinfo | sed "s/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]* [^ ]*\).*/\1/"
echo == time; TZ=:/etc/localtime; ls -l --time-style=+%Z%z /script | sed "s/.* \([^ ]*\) [^ ]*$/\1/"
echo == locale; (ls /no/such/file || :) 2>&1
'

# prepare DIR ORDER…: the recipe and its sources, the files made in that order.
prepare() {
	local dir=$1 name
	shift
	mkdir -p "$dir/source"
	for name in "$@"; do echo "contents of $name" >"$dir/source/$name"; done
	{
		printf 'local base = unpack { fetch { url = "file://%s", sha256 = "%s" } }\n' "$T/base.tar" "$base_sha256"
		echo 'local words = run { name = "words", base = base, script = "mkdir -p $DESTDIR$PREFIX/bin; echo a >$DESTDIR$PREFIX/b; echo b >$DESTDIR$PREFIX/bin/x" }'
		echo 'return run { name = "facts", base = base, deps = { words }, src = glob { "source/*" }, script = [['
		echo "mkdir -p \$DESTDIR\$PREFIX; { $facts } >\$DESTDIR\$PREFIX/facts 2>&1"
		# What is installed carries traces, too: modes, times, order.
		echo 'for i in 9 3 7 1; do echo $i >$DESTDIR$PREFIX/$i; done; chmod 600 $DESTDIR$PREFIX/3; touch -d 2001-01-01 $DESTDIR$PREFIX/7; chmod 775 $DESTDIR$PREFIX/9'
		echo ']] }'
	} >"$dir/facts.lua"
}

# trees TREE: all that are in its store.
trees() { find "${1%/*}" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort; }

prepare here one two three four five six seven
(umask 022 && "$BRUN" build here/facts.lua) >first 2>err
check "the first build" test -s first
[ -s first ] || sed 's/^/# /' err

# Another user (root, unless root runs this), in a folder with a blank in its name, with a store in memory (where directories
# have another order), on one processor, on a terminal, with input, and with an environment that says other things.
memory=$(mktemp -d "/dev/shm/brun e2e XXXXXX") || exit 2
trap 'chmod -R u+rwX "$memory"; rm -rf "$memory"; finish' EXIT
prepare "$memory/some where" seven six five four three two one
cat >"$memory/go" <<EOF
umask 077
ulimit -n 512
trap '' HUP PIPE USR1
cd "$memory/some where" || exit
exec env -u NO_COLOR LANG=tr_TR.UTF-8 LC_ALL=de_DE.UTF-8 TZ=Pacific/Chatham HOME=/nowhere PREFIX=/usr DESTDIR=/x CFLAGS=-O0 \\
	MAKEFLAGS=-j9 SOURCE_DATE_EPOCH=1 PATH=/usr/bin:/bin LD_LIBRARY_PATH=/nowhere TERM=xterm TMPDIR=/nowhere \\
	XDG_CONFIG_HOME=/nowhere BRUN_STORE="$memory/the store" \\
	\$(command -v nice) -n 3 \$(command -v setarch) -R \$(command -v taskset) -c 0 "$BRUN" build -j7 facts.lua
EOF
as_other() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
	chown -R 54321:54321 "$memory"
	as_other() { setpriv --reuid=54321 --regid=54321 --clear-groups "$@"; }
fi
if command -v script >/dev/null; then
	(cd / && as_other script -qec "sh '$memory/go'" /dev/null) </etc/passwd >second.raw
	tr -d '\r' <second.raw | grep -o '/dev/shm/.*/trees/[0-9a-f]*' | tail -n 1 >second
else
	as_other sh "$memory/go" >second </etc/passwd
fi
check "the second build" test -s second
[ -s second ] || sed 's/^/# /' second.raw
first=$(cat first) second=$(cat second)
check "is one of its own" [ "${first%/trees/*}" != "${second%/trees/*}" ]
check "and gives the same tree" [ "${first##*/}" = "${second##*/}" ]
diff "$first/facts" "$second/facts" | sed 's/^/# /'
check "whose facts were looked at" grep -q '^LC_ALL=C.UTF-8' "$first/facts"
check "all of them" [ "$(grep -c ^== "$first/facts")" = "$(printf %s "$facts" | grep -c '^echo ==')" ]
check "dependencies came out the same" sh -c 'diff "$@"' sh <(trees "$first") <(trees "$second")
expect "and once more as it is" 0 "same again" "$BRUN" build --rebuild here/facts.lua
