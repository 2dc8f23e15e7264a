#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Debian's own programs, packed out of a root that brun composes and run in an empty one: what they find by compiled-in
# paths, by their own place and at run time. Most of what they say must be what they say in their own root. BRUN_HEAVY=1
# adds rustc, node and java.
# shellcheck disable=SC2016 # the programs expand it
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../lib.sh"
export BRUN_STORE=${BRUN_PACKAGES_STORE:-$T/store}
cd "$T" || exit 2
programs=$top/tests/programs
root=$T/root
chroot=$(PATH=$PATH:/usr/sbin:/sbin type -P chroot)
# One more variable for what is run, NAME=VALUE.
setting=
export T root chroot setting

if ! unshare --user --map-root-user --mount --net --pid --fork true 2>/dev/null; then
	skip "Debian's programs" "no user namespaces"
	exit
fi
check "a root of Debian's programs" "$programs/make" default "$root"
[ -d "$root" ] || exit 1

# What every machine has, and nothing else: /proc, two devices, terminals, /tmp, names of users and of a host. Debian's
# root has the same; /tmp is one for both, and /sysroot in the empty one is Debian's.
mkdir -p work empty/{proc,dev/{pts,shm},tmp,etc,output,sysroot} "$root"/{dev/{pts,shm},srv/web,output,sysroot}
touch {empty,root}/dev/{null,urandom}
ln -s pts/ptmx empty/dev/ptmx
ln -sfn pts/ptmx "$root/dev/ptmx"
printf 'root:x:0:0:root:/tmp:/output/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/none\n' >empty/etc/passwd
echo '127.0.0.1 host.test' >empty/etc/hosts
echo 'nameserver 127.0.0.1' >empty/etc/resolv.conf
printf 'passwd: files\nhosts: files dns\n' >empty/etc/nsswitch.conf
cp empty/etc/{passwd,hosts,resolv.conf,nsswitch.conf} "$root/etc/"

inside() { # ROOT OUTPUT COMMAND…
	local users=()
	[ "$(id -u)" -eq 0 ] || users=(--user --map-root-user)
	unshare "${users[@]}" --mount --pid --fork --kill-child sh -c '
		cd "$1" && mount --bind /dev/null dev/null && mount --bind /dev/urandom dev/urandom && mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts &&
			mount -t tmpfs tmpfs dev/shm &&
			mount -t proc proc proc && mount --bind "$T/work" tmp && mount --bind "$2" output && mount --rbind "$root" sysroot || exit 99
		shift 2
		exec env -i PATH=/output/bin:/usr/bin HOME=/tmp TERM=xterm LC_ALL=C.UTF-8 ${setting:+"$setting"} "$chroot" . "$@"' sh "$@" </dev/null
}
export -f inside
in_root() { # OUTPUT COMMAND…
	local output=$T/$1
	shift
	inside empty "$output" "$@"
}
in_debian() { inside "$root" "$T/work" "$@"; }

# packed NAME ARG…: `brun pack --root` with these arguments makes the output NAME.
packed() {
	local name=$1
	shift
	check "$name is packed" "$BRUN" pack --root "$root" -o "$name" "$@"
}

# same NAME OUTPUT PROGRAM ARG…: it prints and ends as Debian's own does.
same() {
	local name=$1 output=$2 program=$3
	shift 3
	in_debian "/usr/bin/$program" "$@" >native 2>&1
	local status=$?
	[ "$status" -lt 98 ] || not_ok "$name, in its own root" native
	echo "status $status" >>native
	in_root "$output" "/output/bin/$program" "$@" >seen 2>&1
	echo "status $?" >>seen
	sed -i -e 's|/output/bin/|/usr/bin/|g' seen
	if diff -a native seen >difference; then ok "$name"; else not_ok "$name" difference; fi
}

# says NAME TEXT OUTPUT COMMAND…: it succeeds, and what it prints is the text.
says() {
	local name=$1 text=$2
	shift 2
	in_root "$@" >seen 2>&1
	local status=$?
	if [ "$status" -eq 0 ] && [ "$(cat seen)" = "$text" ]; then ok "$name"; else
		echo "#   expected: $text (status $status)"
		not_ok "$name" seen
	fi
}

# --- python
packed python python3
says "python: its prefix is the output's" "/output" python /output/bin/python3 -c 'import sys; print("/".join(sys.prefix.split("/")[:2]))'
same "python: modules and their libraries" python python3 -c '
import bz2, ctypes, curses, dbm, decimal, hashlib, json, lzma, readline, sqlite3, ssl, uuid, xml.parsers.expat, zlib
print(ssl.OPENSSL_VERSION, sqlite3.sqlite_version, zlib.ZLIB_RUNTIME_VERSION, hashlib.sha256(lzma.compress(b"x")).hexdigest())
print(decimal.Decimal(2).sqrt(), sorted(hashlib.algorithms_available))'
says "python: itself once more, by sys.executable" "42" python /output/bin/python3 -c '
import subprocess, sys; print(subprocess.run([sys.executable, "-c", "print(6*7)"], capture_output=True, text=True, check=True).stdout, end="")'
says "python: processes that are spawned, threads that are pooled" "[1, 4, 9] [1, 4, 9]" python /output/bin/python3 -c '
import concurrent.futures as f, multiprocessing as m, operator
with f.ProcessPoolExecutor(2, m.get_context("fork")) as p, f.ThreadPoolExecutor(2) as t:
    print(*[list(e.map(pow, [1, 2, 3], [2, 2, 2])) for e in (p, t)])'
says "python: ctypes opens the libc that is there already" "True" python /output/bin/python3 -c '
import ctypes, os; print(ctypes.CDLL("libc.so.6").getpid() == os.getpid())'
same "python: ctypes.util.find_library does no harm" python python3 -c 'import ctypes.util; print(ctypes.util.find_library("nowhere"))'
says "python: a virtual environment" "/tmp/venv True" python /output/bin/python3 -c '
import subprocess, sys, venv
venv.create("/tmp/venv", symlinks=True)
print(subprocess.run(["/tmp/venv/bin/python", "-c", "import json, ssl, sys; print(sys.prefix, sys.base_prefix.startswith(\"/output\"))"],
    capture_output=True, text=True).stdout, end="")'
rm -rf work/*

# --- perl
packed perl perl
same "perl: modules, pure and compiled" perl perl -MDigest::SHA=sha1_hex -MEncode -MJSON::PP -MList::Util=sum -MPOSIX=floor -MSocket \
	-MStorable=freeze -MTime::HiRes -e 'print sha1_hex(encode("UTF-8", "\x{fc}")), " ", JSON::PP->new->canonical->encode({a => [sum(1..4), floor(2.5)]}), "\n"'
same "perl: properties of characters" perl perl -CS -e 'print join(",", map { lc } grep { /\p{Lu}/ } map { chr } 0x391..0x3a9), "\n"'
says "perl: \$^X is the launcher" "/output/bin/perl" perl /output/bin/perl -e 'print $^X'
says "perl: it finds its own library first" "ok" perl /output/bin/perl -MPOSIX -e 'print $INC{"POSIX.pm"} =~ m{^/output/} ? "ok" : $INC{"POSIX.pm"}'

# --- git
packed git git bash
says "git: its programs lie in the output" "/output" git /output/bin/bash -c 'path=$(git --exec-path); [ -x "$path/git-remote-https" ] && echo "${path:0:7}"'
# It starts what serves a clone by /bin/sh, whatever SHELL is.
mkdir empty/bin && ln -s /output/bin/bash empty/bin/sh
in_root git /output/bin/bash -ec 'cd /tmp; git init -q -b main one; cd one; echo 1 >file; git add file
	git -c user.name=a -c user.email=a@b commit -qm first; git clone -q /tmp/one /tmp/two; git -C /tmp/two log --format=%s
	git clone -q --bare . /tmp/bare.git; cd /tmp/bare.git; git update-server-info' >seen 2>&1
if [ "$(cat seen)" = first ]; then ok "git: init, commit, clone"; else not_ok "git: init, commit, clone" seen; fi
rm -r empty/bin
check "git: its templates" [ -s work/one/.git/description ]
check "git: the sample hooks" [ -s work/one/.git/hooks/pre-commit.sample ]
cp -r work/bare.git "$root/srv/web/repo.git" && rm -rf work/*
in_root git /output/bin/git submodule status >seen 2>&1
if grep -q 'not a git repository' seen; then ok "git: a command that is a script"; else not_ok "git: a command that is a script" seen; fi

# --- what serves the next ones: names and pages, signed by an authority that the root trusts
in_debian /usr/bin/bash -ec 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=web.test \
	-addext subjectAltName=DNS:web.test,DNS:host.test -keyout /srv/key -out /srv/cert
	cat /srv/cert >>/etc/ssl/certs/ca-certificates.crt && cat /srv/cert >>/srv/key && echo page >/srv/web/page' >seen 2>&1
cp "$programs/server.py" "$root/srv/"
# serving COMMAND…: in a network of its own, with the server.
serving() {
	unshare --user --map-root-user --net --pid --fork --kill-child bash -c '
		mkfifo ready
		inside "$root" "$T/work" /usr/bin/python3 /srv/server.py /srv/web /srv/key >ready &
		read -r line <ready; rm ready
		[ "$line" = ready ] || exit 98
		"$@"' bash "$@"
}
packed curl curl
says "curl: its features" "$(in_debian /usr/bin/curl --version)" curl /output/bin/curl --version
export -f in_root
for name in web host; do
	serving in_root curl /output/bin/curl -sS "https://$name.test/page" >seen 2>&1
	way=DNS
	[ "$name" = web ] || way=/etc/hosts
	if [ "$(cat seen)" = page ]; then ok "curl: a name of $way, a certificate of the authorities that came along"; else
		not_ok "curl: a name of $way, a certificate of the authorities that came along" seen
	fi
done
packed git-tls git
serving in_root git-tls /output/bin/git clone -q https://web.test/repo.git /tmp/clone >seen 2>&1
if [ "$(cat work/clone/file)" = 1 ]; then ok "git: clones by https"; else not_ok "git: clones by https" seen; fi
rm -rf work/*

# --- openssl
packed openssl openssl
same "openssl: providers" openssl openssl list -providers -provider default -provider legacy
same "openssl: a digest of the legacy provider" openssl openssl dgst -md4 -provider legacy /dev/null
check "openssl: makes a certificate by its configuration" in_root openssl /output/bin/openssl req -x509 -newkey rsa:2048 -nodes \
	-subj /CN=test -keyout /tmp/key -out /tmp/cert
same "openssl: verifies it" openssl openssl verify -CAfile /tmp/cert /tmp/cert
rm -rf work/*

# --- ssh
packed ssh ssh ssh-keygen ssh-add ssh-agent bash
same "ssh: its configuration" ssh ssh -G -F /dev/null example.test
in_root ssh /output/bin/bash -ec 'cd /tmp; ssh-keygen -q -t ed25519 -N "" -C me -f key; echo text >file
	ssh-keygen -q -Y sign -f key -n file file 2>/dev/null; { echo -n "me "; echo "$(<key.pub)"; } >signers
	ssh-keygen -q -Y verify -f signers -I me -n file -s file.sig <file
	eval "$(ssh-agent -s)" >/dev/null; ssh-add -q key; ssh-add -l; kill "$SSH_AGENT_PID"' >seen 2>&1
if grep -q ' me (ED25519)$' seen; then ok "ssh: keys, signatures, an agent"; else not_ok "ssh: keys, signatures, an agent" seen; fi
rm -rf work/*

# --- terminals: tmux draws, and shows what others draw in it
packed screen tmux bash less vim.basic
# screen NAME TEXT COMMAND: the command's screen comes to show the text.
screen() {
	local name=$1 text=$2
	shift 2
	in_root screen /output/bin/bash -c 'export SHELL=/output/bin/bash tries=0
		tmux -f /dev/null -S /tmp/socket new-session -d -x 60 -y 12 "$2"
		until tmux -S /tmp/socket capture-pane -p | while read -r line; do [[ $line == *$1* ]] && exit 42; done; [ $? -eq 42 ] ||
			[ $((tries += 1)) -gt 300 ]; do :; done
		tmux -S /tmp/socket capture-pane -p; tmux -S /tmp/socket kill-server' bash "$text" "$@" >seen 2>&1
	if grep -qF -- "$text" seen; then ok "$name"; else not_ok "$name" seen; fi
}
printf 'line %d\n' {1..50} >work/lines
echo 'int main(void) { return "text"[0]; }' >work/file.c
screen "tmux: a command's output" "six is 6" 'echo six is $((2 * 3)); read -r'
screen "less: a page, by the terminal's description" "line 11" 'less /tmp/lines'
screen "vim: a file and its own screen" "file.c" 'vim.basic -N -u DEFAULTS /tmp/file.c'
in_root screen /output/bin/vim.basic -N -u NONE -i NONE -es -c 'syntax on' -c 'set filetype=c' \
	-c 'call writefile([synIDattr(synID(1, 27, 1), "name")], "/tmp/syntax")' -c 'qa!' /tmp/file.c >seen 2>&1
check "vim: its runtime's syntax files" grep -qx cCppString work/syntax
same "less: its version" screen less --version
rm -rf work/*

# --- file, bash, busybox, sqlite3
packed file file
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1' >work/png
gzip -nc work/png >work/gz
cp "$root/usr/bin/true" work/elf
printf '#!/bin/sh\n' >work/script
same "file: what things are" file file /tmp/png /tmp/gz /tmp/elf /tmp/script
same "file: as MIME types" file file --mime /tmp/png /tmp/gz /tmp/elf /tmp/script
rm -rf work/*

packed bash bash --data /usr/lib/bash --env 'BASH_LOADABLES_PATH=default:${ROOT}/usr/lib/bash'
says "bash: builtins that are loaded" "c /a/b /" bash /output/bin/bash -c 'enable -f basename basename && enable -f dirname dirname &&
	enable -f realpath realpath && echo "$(basename /a/b/c) $(dirname /a/b/c) $(realpath /tmp/..)"'
same "bash: characters of several bytes" bash bash -c 'x=äöü; echo "${#x} ${x^^}"; [[ ä =~ ^[[:alpha:]]$ ]] && printf "%q\n" "$x"'
same "bash: the names of users" bash bash -c 'echo ~root ~nobody'

packed busybox busybox
in_root busybox /output/bin/busybox --install -s /tmp >seen 2>&1
check "busybox: its links lead to the launcher" [ "$(readlink work/sort)" = /output/bin/busybox ]
says "busybox: started by its links" "1 2 3" busybox /tmp/sh -c 'export PATH=/tmp; printf "3\n1\n2\n" | sort | tr "\n" " " | sed "s/ $//"'
same "busybox: its applets" busybox busybox --list
rm -rf work/*

packed sqlite3 sqlite3
same "sqlite3: text search, JSON, mathematics" sqlite3 sqlite3 :memory: "create virtual table t using fts5(x); insert into t values ('one two');
	select x from t where t match 'two'; select json_extract('{\"a\":[1,2]}', '\$.a[1]'), round(pi(), 3), upper('ä');"

# --- what glibc looks for: charsets, locales, time zones
packed iconv iconv
modules=/usr/lib/x86_64-linux-gnu/gconv
packed iconv-all iconv --data $modules --env "GCONV_PATH=default:\${ROOT}$modules"
printf 'gr\303\274n \342\202\254' >work/text
for charset in UTF-16 UTF-7 ISO-8859-15 CP1252 ASCII//TRANSLIT; do
	same "iconv: $charset, which every libc has along" iconv iconv -f UTF-8 -t "$charset" /tmp/text
done
for charset in KOI8-R//TRANSLIT SHIFT_JIS//TRANSLIT GB18030; do
	same "iconv: $charset, of all modules" iconv-all iconv -f UTF-8 -t "$charset" /tmp/text
done
rm work/text

in_debian /usr/bin/bash -ec 'for name in sv_SE de_DE; do localedef -i $name -f UTF-8 /usr/lib/locale/$name.UTF-8; done' >seen 2>&1
packed locales sort date bash --data /usr/lib/locale --env 'LOCPATH=default:${ROOT}/usr/lib/locale' \
	--data /usr/share/zoneinfo --env 'TZDIR=default:${ROOT}/usr/share/zoneinfo'
printf 'zebra\näpple\nöl\napple\nZoo\nåre\n' >work/words
for locale in C C.UTF-8 sv_SE.UTF-8 de_DE.UTF-8; do
	setting=LC_ALL=$locale
	same "sort: in the order of $locale" locales sort /tmp/words
	same "date: in the words of $locale" locales date -d 2001-10-14 '+%A, %d. %B %Y, %x %X'
done
for zone in Europe/Berlin America/New_York Asia/Kolkata CET-1CEST; do
	setting=TZ=$zone
	same "date: in the zone $zone" locales date -d @1000000000
done
setting=
packed python-zones python3 --data /usr/share/zoneinfo --env 'PYTHONTZPATH=default:${ROOT}/usr/share/zoneinfo'
same "python: zoneinfo" python-zones python3 -c '
import datetime, zoneinfo; print(datetime.datetime(2001, 9, 9, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).isoformat(), len(zoneinfo.available_timezones()))'
rm -rf work/*

# --- gcc: the driver, its cc1, as, ld and specs come along; the C library to compile for is Debian's, as a sysroot
packed gcc gcc
printf '#include <math.h>\n#include <stdio.h>\nint main(int c, char **v) { printf("hello %%s %%g\\n", v[1], sqrt(c)); return 0; }\n' >work/hello.c
check "gcc: compiles and links hello" in_root gcc /output/bin/gcc --sysroot=/sysroot -O2 -Wall /tmp/hello.c -o /tmp/hello -lm
says_native() { [ "$(in_debian "$@" 2>&1)" = "$(cat expected)" ]; }
echo 'hello there 1.41421' >expected
check "gcc: it runs" says_native /tmp/hello there
in_root gcc /output/bin/gcc --sysroot=/sysroot -O2 -Wall /tmp/hello.c -o /tmp/again -lm
in_debian /usr/bin/gcc -O2 -Wall /tmp/hello.c -o /tmp/native -lm
check "gcc: the same bytes as Debian's own makes" cmp work/again work/native
cp work/hello "$root/usr/bin/hello"
packed hello hello
says "gcc: what it compiled, packed in turn" "hello world 1.41421" hello /output/bin/hello world
same "gcc: its built-in specs" gcc gcc -dumpspecs
same "gcc: an error in the program" gcc gcc --sysroot=/sysroot -c -xc /dev/null -o /nowhere/file
rm -rf work/*

if [ "${BRUN_HEAVY:-0}" != 1 ]; then
	skip "node, java, rustc" "BRUN_HEAVY=1 is not set: they take 250 MB more"
	exit
fi

# heavy NAME: the root of that name takes the place of the other.
heavy() {
	root=$T/root-$1
	check "a root with $1" "$programs/make" "$1" "$root"
	mkdir -p "$root"/{dev/{pts,shm},output,sysroot} && touch "$root"/dev/{null,urandom}
	cp empty/etc/* "$root/etc/"
}

heavy node
packed node node
# Debian's node opens parts of itself by a compiled-in path that no variable changes.
mkdir -p empty/usr/share && ln -s /sysroot/usr/share/nodejs empty/usr/share/nodejs
same "node: computes, hashes, compresses" node node -e '
	const z = require("zlib"), c = require("crypto");
	console.log([1, 2, 3].map(x => x ** 2), c.createHash("sha256").update(z.inflateSync(z.deflateSync("x"))).digest("hex"), process.version)'
same "node: process.execPath starts it once more" node node -e '
	console.log(require("child_process").execFileSync(process.execPath, ["-p", "6 * 7"]).toString())'
same "node: dates and words by ICU" node node -p 'new Intl.DateTimeFormat("sv", {dateStyle: "full", timeZone: "UTC"}).format(new Date(0))'
rm -r empty/usr

heavy java
home=/usr/lib/jvm/java-17-openjdk-amd64
packed java bash --data $home --data /etc/java-17-openjdk
check "java: starts" in_root java "/output$home/bin/java" -version
in_root java "/output$home/bin/java" -XshowSettings:properties -version >seen 2>&1
check "java: finds its home by its own place" grep -q "java.home = /output$home$" seen
check "java: a program of its own, with its configuration" in_root java "/output$home/bin/keytool" -genkeypair -keyalg RSA -dname CN=test \
	-keystore /tmp/keys -storepass secret -alias one
check "java: reads what it wrote" in_root java "/output$home/bin/keytool" -list -keystore /tmp/keys -storepass secret -alias one

heavy rust
packed rust rustc cc
printf 'fn main() { println!("hello {}", std::env::args().nth(1).unwrap()); }\n' >work/hello.rs
same "rustc: its version" rust rustc -vV
says "rustc: compiles and links" "" rust /output/bin/rustc -O -C link-arg=--sysroot=/sysroot -o /tmp/hello /tmp/hello.rs
echo 'hello there' >expected
check "rustc: what it made runs" says_native /tmp/hello there
