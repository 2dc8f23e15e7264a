#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun pack: programs of this host (or of a root) that no recipe built, run where there is nothing else.
# shellcheck disable=SC2016 # ${ROOT} and the programs' own variables are not this shell's
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 2
mkdir -p empty/tmp empty/dev empty/proc
: >empty/dev/null
bash=$(type -P bash)

# in_root DIR COMMAND…: in a root that holds nothing but the packed DIR, a null device and an empty /tmp.
in_root() {
	local dir=$1
	shift
	rm -rf empty/output && cp -al "$dir" empty/output || return
	env -i PATH="$PATH" unshare --user --map-root-user --mount sh -c \
		'mount --bind /dev/null empty/dev/null && exec chroot empty "$0" "$@"' "$@"
}
if unshare --user --map-root-user --mount true 2>/dev/null; then has_root=1; else has_root=; fi

# says NAME TEXT DIR COMMAND…: run in the empty root, the first line is the text.
says() {
	local name=$1 text=$2
	shift 2
	if [ -z "$has_root" ]; then
		skip "$name" "no user namespaces"
	elif in_root "$@" >said 2>told </dev/null && [ "$(head -n 1 said)" = "$text" ]; then
		ok "$name"
	else
		echo "#   expected: $text"
		not_ok "$name" said told
	fi
}

# --- one program
"$BRUN" pack bash -o one >said 2>told
check "a program of \$PATH is packed" [ $? -eq 0 ]
check "the directory is printed" [ "$(cat said)" = one ]
check "what was packed is said on stderr" grep -qE '^packed 1 program, [0-9]+ libraries, [0-9.]+ MB \(glibc [0-9.]+ MB\)$' told
"$BRUN" pack bash -o one --json >said 2>told
check "and as JSON" python3 -c 'import json; r = json.load(open("told")); assert r["event"] == "packed" and r["programs"] == 1
assert r["bytes"] > r["library_bytes"] > 0 and r["glibc_bytes"] > 0 and r["warnings"] == [] and r["output"] == "one"'
says "it runs in an empty root" "packed 42" one /output/bin/bash -c 'echo packed $((6 * 7))'
check "inspect lists it" "$BRUN" inspect one
if [[ $bash =~ ^(/usr)?/bin/bash$ ]] && version=$(dpkg-query -W bash 2>/dev/null); then
	expect "with its package, in the version that dpkg knows" 0 ", package bash ${version#*	}" "$BRUN" inspect one
else
	skip "with its package, in the version that dpkg knows" "dpkg did not install bash"
fi
expect "verification loads it" 0 "1 packed programs, 1 of them loaded" "$BRUN" inspect --verify one
"$BRUN" pack bash -o two >said 2>told
check "packed again it comes out the same" diff -r --no-dereference one two
(umask 077 && "$BRUN" pack "$bash" -o two >said 2>told)
check "by its path and under another umask, too" diff -r --no-dereference one two
check "and everything is for all to read" [ -z "$(find two -mindepth 1 ! -type l ! -perm -044)" ]
check "nothing is left beside it" [ -z "$(find . -maxdepth 1 -name '.*brun-*')" ]
ln -s "$bash" linked
check "a relative path to a link" "$BRUN" pack ./linked -o two
check "has the link's name" [ -x two/bin/linked ]

# --- several, with data and environment
cat >hello <<'END'
#!/usr/bin/env bash
[ -x "${BASH_SOURCE[0]%/*}/hello" ] && echo "hello: $*"
END
chmod 755 hello
check "two programs and a script" "$BRUN" pack bash ls ./hello -o three
says "the script brings its interpreter" "hello: 1 2" three /output/bin/hello 1 2
says "packed programs start each other" "bash" three /output/bin/bash -c 'cd /output/bin && ./ls -d bash'

mkdir -p data/sub && echo words >data/file && ln -s "$T/data/file" data/absolute && ln -s ../file data/sub/relative
ln -s "$T/hello" data/outside && ln -s nowhere data/dangling && ln -s / data/top
expect "data with a link that leads nowhere" 0 "warning: $T/data/dangling is left out" \
	"$BRUN" pack bash -o four --data "$T/data" --env "WORDS=default:\${ROOT}$T/data"
expect "one that leads to a directory elsewhere" 0 "$T/data/top is a link to /, which is not taken along" \
	"$BRUN" pack bash -o four --data "$T/data" --env "WORDS=default:\${ROOT}$T/data"
check "a file lies at the same path" grep -qx words "four$T/data/file"
check "a link inside is relative" [ "$(readlink "four$T/data/absolute")" = file ]
check "from below, too" grep -qx words "four$T/data/sub/relative"
check "a link to the outside is the file" cmp hello "four$T/data/outside"
says "the variable leads to it" words four /output/bin/bash -c 'read -r x <$WORDS/sub/relative; echo $x'
says "a default leaves the caller's value" mine four /output/bin/bash -c 'WORDS=mine /output/bin/bash -c "echo \$WORDS"'
check "all verbs" "$BRUN" pack bash -o five --env A=set:1 --env B=prepend:2 --env B=append:3 --env HOME=unset
says "do what they say" "1 2:3 none" five /output/bin/bash -c 'echo $A $B ${HOME-none}'

terminfo=$(for dir in /lib/terminfo /usr/share/terminfo; do [ -e "$dir/x/xterm" ] && echo "$dir" && break; done)
if type -P tput >/dev/null && [ -n "$terminfo" ]; then
	check "tput" "$BRUN" pack tput -o six
	says "finds its terminal descriptions" "$(TERM=xterm tput cols 2>/dev/null </dev/null)" six /output/bin/tput -T xterm cols
	check "without rules it is packed" "$BRUN" pack tput -o seven --no-rules
	in_root seven /output/bin/tput -T xterm cols >said 2>told </dev/null
	[ -z "$has_root" ] || check "and would not find them" grep -q 'nknown terminal' told
	check "with its data at their old place" "$BRUN" pack tput -o eight --data "$terminfo" --no-rules \
		--env "TERMINFO=default:\${ROOT}$terminfo"
	says "finds them there" "$(TERM=xterm tput cols 2>/dev/null </dev/null)" eight /output/bin/tput -T xterm cols
else
	skip "terminal descriptions" "no tput and terminfo here"
fi

modules=$(for dir in /usr/lib/*-linux-gnu/gconv /usr/lib64/gconv; do [ -e "$dir/UTF-16.so" ] && echo "$dir" && break; done)
if type -P iconv >/dev/null && [ -n "$modules" ]; then
	check "iconv" "$BRUN" pack iconv bash -o iconv
	says "has the usual charset modules" "fine" iconv /output/bin/bash -c \
		'printf "fine\n" | /output/bin/iconv -f UTF-8 -t UTF-16 | /output/bin/iconv -f UTF-16 -t UTF-8'
	says "and all the others, being there to convert" "known" iconv /output/bin/bash -c \
		'/output/bin/iconv -f KOI8-R -t UTF-8 </dev/null && echo known'
	check "without rules" "$BRUN" pack iconv bash -o iconv --no-rules
	says "it has the usual ones only" "unknown" iconv /output/bin/bash -c '/output/bin/iconv -f KOI8-R -t UTF-8 </dev/null || echo unknown'
	check "with all of them at their old place" "$BRUN" pack iconv bash -o iconv --no-rules --data "$modules"
	says "finds them without being told where" "known" iconv /output/bin/bash -c \
		'/output/bin/iconv -f KOI8-R -t UTF-8 </dev/null && echo known'
	rm -rf iconv
else
	skip "iconv with its charset modules" "no iconv and gconv here"
fi

# A host that has the locales: made here, bound over its own in a mount namespace of the test's.
if [ -z "$has_root" ] || [ ! -d /usr/lib/locale ] || ! mkdir -p locales || ! localedef -i de_DE -f UTF-8 locales/de_DE.utf8 2>/dev/null ||
	! localedef -i en_US -f UTF-8 locales/en_US.utf8 2>/dev/null; then
	skip "the host's locales are not used" "no locales can be made here"
else
	on_host() { # COMMAND…, which prints its maps: the output is the files in them
		unshare --user --map-root-user --mount sh -c 'mount --bind locales /usr/lib/locale && exec "$0" "$@"' "$@" |
			sed -n 's|^.* /|/|p' | sort -u
	}
	for setting in LANG=de_DE.UTF-8 LC_ALL=en_US.UTF-8 LC_ALL=C.UTF-8 LANG=de_DE; do
		on_host env -i "$setting" one/bin/bash -c 'while read -r line; do echo "$line"; done </proc/self/maps' >mapped
		check "with $setting no file of the host is mapped" [ -s mapped -a -z "$(grep -v "^$T/one/" mapped)" ]
	done
	on_host env -i LC_ALL=de_DE.UTF-8 "$bash" -c 'while read -r line; do echo "$line"; done </proc/self/maps' >mapped
	check "and its own bash would map them" grep -q /usr/lib/locale/de_DE.utf8/LC_CTYPE mapped
	says "a character is one in any language" "1 2 1" one /output/bin/bash -c \
		'for LC_ALL in de_DE.UTF-8 C ja_JP.utf8; do x=ä; out="$out ${#x}"; done; echo $out'
fi

core=$(git --exec-path 2>/dev/null)
if [ -n "$core" ] && [ -x "$core/git-remote-https" ]; then
	check "git" "$BRUN" pack "$(type -P git)" bash -o git
	says "its core programs come along" "/output/lib/git-core" git /output/bin/bash -c 'cd "$(/output/bin/git --exec-path)" && pwd -P'
	in_root git /output/bin/git remote-https >said 2>told </dev/null
	[ -z "$has_root" ] || check "and run" grep -q 'usage: git remote-curl' told
	says "its templates, too" "ref: refs/heads/trunk" git /output/bin/bash -c \
		'/output/bin/git init -q -b trunk /tmp/x && read -r x </tmp/x/.git/HEAD && echo "$x" && [ -d /tmp/x/.git/info ]'
	expect "all of them load" 0 "loaded with every symbol resolved" "$BRUN" inspect --verify git
else
	skip "git with its helpers" "no git here"
fi

library=$(/usr/bin/python3 -c 'import sys; print("/usr/lib/python%d.%d" % sys.version_info[:2])' 2>/dev/null)
if [ -n "$library" ] && [ -d "$library/lib-dynload" ]; then
	check "python" "$BRUN" pack /usr/bin/python3 -o python
	says "its modules and their libraries come along" "b'42' 42 /output" python /output/bin/python3 -c 'import ctypes, ssl, sqlite3, sys, zlib
print(zlib.decompress(zlib.compress(b"42")), sqlite3.connect(":memory:").execute("select 6*7").fetchone()[0], sys.prefix)'
	cat >script.py <<'END'
#!/usr/bin/python3
import json, os
print(json.dumps([os.path.basename(__file__), os.path.realpath(os.path.dirname(__file__))]))
END
	chmod 755 script.py
	check "a script that python runs" "$BRUN" pack ./script.py -o python2
	says "knows where it lies" '["script.py", "/output/.bin.script.py"]' python2 /output/bin/script.py
	check "python with its modules at their old place" "$BRUN" pack /usr/bin/python3 -o python --data "$library" --no-rules \
		--env 'PYTHONHOME=default:${ROOT}/usr'
	says "finds them there" "/output/usr" python /output/bin/python3 -c 'import ctypes, os, sys; print(os.path.realpath(sys.prefix))'
	rm -rf python python2
else
	skip "python with its modules" "no Debian-like /usr/bin/python3 here"
fi

program=$(type -P perl)
if [ "$program" = /usr/bin/perl ] && [ -d /usr/share/perl ]; then
	check "perl" "$BRUN" pack perl -o perl
	says "its modules come along" "55 2" perl /output/bin/perl -e 'use List::Util "sum"; use POSIX; use Encode; print sum(1..10), " ", floor(2.5), "\n"'
	rm -rf perl
else
	skip "perl with its modules" "no Debian-like /usr/bin/perl here"
fi
if type -P file >/dev/null; then
	check "file" "$BRUN" pack file -o file
	echo '#!/bin/sh' >file/script
	says "its database comes along" "text/x-shellscript" file /output/bin/file --brief --mime-type /output/script
fi

# --- a root
make_root() { # DIR: with a shell
	local library
	mkdir -p "$1/usr/bin" "$1/lib64"
	ln -sfn usr/bin "$1/bin"
	cp -L "$bash" "$1/usr/bin/bash"
	ldd "$bash" | grep -oE '/[^ ]+' | while read -r library; do
		mkdir -p "$1${library%/*}" && cp -L "$library" "$1$library"
	done
	ln -sfn /usr/bin/bash "$1/usr/bin/shell"
}
make_root sysroot
check "a program of a root" "$BRUN" pack shell --root sysroot -o rooted
says "runs" "yes" rooted /output/bin/shell -c 'echo yes'
check "by a path in the root" "$BRUN" pack /bin/bash --root sysroot -o rooted
cp -r sysroot elsewhere && rm -rf sysroot
check "a copy of the root" "$BRUN" pack /bin/bash --root elsewhere -o rooted2
check "gives the same bytes" diff -r --no-dereference rooted rooted2
expect "what only the host has is not there" 2 "there is no program 'ls'" "$BRUN" pack ls --root elsewhere -o none
rm -f elsewhere/lib/*/libc.so.6 elsewhere/usr/lib/*/libc.so.6 elsewhere/lib64/libc.so.6
expect "a library that is missing is named" 10 "libc.so.6" "$BRUN" pack bash --root elsewhere -o none
expect "a root that is not there" 2 "the root 'nowhere'" "$BRUN" pack bash --root nowhere -o none

if type -P musl-gcc >/dev/null; then
	mkdir -p alpine/lib alpine/usr/bin alpine/usr/lib
	cp -L /lib/ld-musl-x86_64.so.1 alpine/lib/
	ln -s ld-musl-x86_64.so.1 alpine/lib/libc.musl-x86_64.so.1
	echo 'int plug(void) { return 42; }' >plug.c
	printf '#include <stdio.h>\nint plug(void);\nint main(int n, char **v) { printf("%%d %%s\\n", plug(), v[n - 1]); }\n' >main.c
	musl-gcc -shared -fPIC -Wl,-soname,libplug.so.1 -o alpine/usr/lib/libplug.so.1 plug.c
	musl-gcc -o alpine/usr/bin/plugged main.c alpine/usr/lib/libplug.so.1
	printf '#!/usr/bin/plugged -x\n' >alpine/usr/bin/script && chmod 755 alpine/usr/bin/script
	check "a root with musl" "$BRUN" pack plugged script --root alpine -o musl
	says "its program runs without anything of ours" "42 a" musl /output/bin/plugged a
	says "its script, too" "42 b" musl /output/bin/script b
	check "nothing of glibc is in it" [ -d musl/bin -a -z "$(find musl -name 'libc.so.6' -o -name 'ld-linux*')" ]
	expect "all of it is as packed" 0 "3 packed programs" "$BRUN" inspect --verify musl
else
	skip "a root with musl" "no musl-gcc here"
fi

# --- mistakes
expect "no program" 2 "pack takes programs and a directory" "$BRUN" pack -o none
expect "no directory" 2 "brun pack PROGRAM… -o DIR" "$BRUN" pack bash
expect "a program that is not there" 2 "there is no program 'bahs'" "$BRUN" pack bahs -o none
expect "nor by a path" 2 "there is no program './bahs'" "$BRUN" pack ./bahs -o none
expect "a file that may not be executed" 2 "there is no program './data/file'" "$BRUN" pack ./data/file -o none
cp data/file noprogram && chmod 755 noprogram
expect "what is no program" 10 "neither an ELF file nor a script" "$BRUN" pack ./noprogram -o none
printf '#!/nowhere/interpreter\n' >lost && chmod 755 lost
expect "a script without its interpreter" 10 "/nowhere/interpreter" "$BRUN" pack ./lost -o none
cp "$bash" setid && chmod 4755 setid
expect "a set-id program" 10 "set-id" "$BRUN" pack ./setid -o none
expect "set-id data" 10 "set-user-id" "$BRUN" pack bash --data "$T/setid" -o none
expect "a packed program" 10 "packed program already" "$BRUN" pack one/bin/bash -o none
mkdir same && cp "$bash" same/bash
expect "two of one name" 2 "both come out as bin/bash" "$BRUN" pack bash same/bash -o none
expect "data that are not there" 2 "there is no '/nowhere' to take along" "$BRUN" pack bash --data /nowhere -o none
expect "data by a relative path" 2 "absolute path" "$BRUN" pack bash --data data -o none
expect "data that hold the output" 2 "the output lies inside of '$T'" "$BRUN" pack bash --data "$T" -o none
mkfifo pipe
expect "a pipe as data" 10 "neither a file" "$BRUN" pack bash --data "$T/pipe" -o none
expect "a variable without a verb" 2 "NAME=default:VALUE" "$BRUN" pack bash --env A=1 -o none
expect "a library that nothing provides" 10 "libnothing.so.1" "$BRUN" pack bash --lib libnothing.so.1 -o none
check "none of them left anything" [ ! -e none ]
check "nor beside it" [ -z "$(find . -maxdepth 1 -name '.*brun-*')" ]
mkdir foreign && echo precious >foreign/file
expect "a foreign directory" 2 "brun did not make it" "$BRUN" pack bash -o foreign
check "is left alone" grep -qx precious foreign/file
check "but for --force" "$BRUN" pack bash -o foreign --force
check "which replaces it" [ ! -e foreign/file ]
expect "no parent" 2 "does not exist" "$BRUN" pack bash -o nowhere/dir
cp -r one kept
expect "where packing fails" 10 "set-id" "$BRUN" pack ./setid -o kept
check "what was there stays" diff -r --no-dereference one kept

# --- verification
rm kept/brun-resources.d/*/lib/libc.so.6
expect "a library that is gone" 10 "libc.so.6, which is not there" "$BRUN" inspect --verify kept
cp -r one changed && printf x >>"$(echo changed/brun-resources.d/*/exe/bash)"
expect "a file that was changed" 10 "exe/bash: is not what was packed" "$BRUN" inspect --verify changed
expect "in JSON" 10 '"loaded": 0' "$BRUN" inspect --verify --json changed
expect "verification takes a directory" 2 "is no directory" "$BRUN" inspect --verify one/bin/bash
if type -P cc >/dev/null; then
	echo 'int there(void) { return 0; }' >lib.c
	echo 'int there(void); int main(void) { return there(); }' >user.c
	cc -shared -fPIC -Wl,-soname,libthere.so -o libthere.so lib.c && cc -o user user.c ./libthere.so -Wl,-rpath,"$T"
	echo 'int other(void) { return 0; }' >lib.c
	cc -shared -fPIC -Wl,-soname,libthere.so -o libthere.so lib.c
	check "a library without the symbol is packed" "$BRUN" pack ./user -o symbol
	mkdir plugins && echo 'int gone(void); int use(void) { return gone(); }' >plugin.c
	echo 'int gone(void) { return 0; }' >plugin2.c
	cc -shared -fPIC -Wl,-soname,libgone.so.7 -o libgone.so plugin2.c
	cc -shared -fPIC -o plugins/plugin.so plugin.c ./libgone.so
	expect "a module whose library is nowhere is packed" 0 "libgone.so.7" "$BRUN" pack bash -o module --data "$T/plugins"
	expect "verification says what was looked for, and where" 0 \
		"plugins/plugin.so: needs libgone.so.7, looked for in brun-resources.d/" "$BRUN" inspect --verify module
	expect "in JSON, too" 0 '"lacks": [' "$BRUN" inspect --verify --json module
	expect "verification names the symbol" 10 "bin/user: undefined symbol: there" "$BRUN" inspect --verify symbol
else
	skip "verification names a missing symbol" "no C compiler here"
fi

# --- an ordinary user
if [ "$(id -u)" -ne 0 ]; then
	ok "all of this was an ordinary user's"
elif ! type -P setpriv >/dev/null; then
	skip "an ordinary user" "no setpriv"
else
	chmod 755 "$T" && mkdir user_dir && chown 65534 user_dir
	as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$T/user_dir" "$@"; }
	if as_user "$BRUN" version >/dev/null 2>&1; then
		check "an ordinary user packs" as_user "$BRUN" pack bash -o user_dir/one
		check "and gets the same" diff -r --no-dereference one user_dir/one
		check "and verifies" as_user "$BRUN" inspect --verify user_dir/one
		chmod 711 data/sub && chmod 600 data/file
		expect "what he may not read is named" 7 "$T/data/file" as_user "$BRUN" pack bash --data "$T/data" -o user_dir/none
	else
		skip "an ordinary user" "he can't run $BRUN"
	fi
fi
