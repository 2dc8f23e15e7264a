#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A step has none of the supplementary groups of the person who runs brun: where newgidmap may be asked, as an ordinary user, too;
# where not, they are kept, and doctor says what to do. The person, the name and the group ids are in files that only
# he sees.
# What stands in single quotes is for another shell.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
BRUN=$(realpath "$BRUN")
tests=$(realpath "$(dirname "$BRUN")/../tests")
cd "$T" || exit 2
chmod 755 "$T"
newgidmap=$(type -P newgidmap)
why=
if [ "$(id -u)" -ne 0 ]; then
	why="only root can make a person with groups"
elif [ -z "$newgidmap" ]; then
	why="newgidmap is not installed"
elif [ ! -f /etc/subgid ] || ! unshare -m true 2>/dev/null; then
	why="there is no mount namespace to show other files in"
fi
if [ -n "$why" ]; then
	skip "a person's groups" "$why"
	exit 0
fi
make_base

# --- a person, with two groups that are made for this
uid=$((40000 + $$ % 20000)) group=61235 # nobody else's, nor that of another run of this
mkdir -p bin share/brun home real && cp -r "$top/recipes" share/brun/recipes
cp "$BRUN" "$(dirname "$BRUN")"/*-helper "$tests"/test-sandbox{,_root} "$tests/host.so" bin && chmod 755 bin/*
chown $uid home
{ cat /etc/passwd && echo "brun-e2e:x:$uid:$uid::/:/bin/sh"; } >passwd
grep -v '^brun-e2e:' /etc/subgid >nobody
{ cat nobody && echo "brun-e2e:61240:8"; } >subgid
brun=$T/bin/brun
# person SETUP COMMAND…: as that one, once root has done SETUP in a mount namespace of its own, in the folder of this test.
person() {
	local setup=$1
	shift
	unshare -m sh -c 'mount --bind passwd /etc/passwd && mount --bind subgid /etc/subgid && '"$setup"' && exec "$@"' sh \
		setpriv --reuid=$uid --regid=$uid --groups="${groups:-$uid,$group,61236}" --inh-caps=-all \
		env BRUN_STORE="$T/home/store" HOME="$T/home" "$@"
}
forget() {
	chmod -R u+w home/store 2>/dev/null
	rm -rf home/store home/calls
}
# instead FILE: SETUP that puts it in newgidmap's place, which is real/newgidmap then.
instead() { echo "touch real/newgidmap && mount --bind '$newgidmap' real/newgidmap && mount --bind $1 '$newgidmap'"; }
cat >counting <<EOF
#!/bin/sh
echo "\$# arguments, \$(tr '\\0' ' ' </proc/\$\$/environ)" >>$T/home/calls
exec $T/real/newgidmap "\$@"
EOF
chmod 755 counting
calls() { if [ -f home/calls ]; then wc -l <home/calls; else echo 0; fi; }

recipe steps <<'EOF'
local function step(name, deps)
  return run { name = name, base = base, deps = deps, script = [[
echo "groups: $(id -G)"
mkdir -p $DESTDIR$PREFIX && echo $0 >$DESTDIR$PREFIX/]] .. name }
end
return step("last", { step("one"), step("two"), step("three") })
EOF
chmod 644 steps.lua base.tar
seen() { grep -rh '^groups: ' "$1/logs" | sort | uniq -c | sed 's/^ *//'; }
# build LABEL GROUPS SETUP COMMAND…: all four steps see these groups.
build() {
	local label=$1 groups_seen=$2 setup=$3
	shift 3
	forget
	check "$label" person "$setup" "$@" "$brun" build -j3 steps.lua
	seen home/store >steps
	check "$label: the steps' groups are $groups_seen" grep -qx "4 groups: $groups_seen" steps
}
# doctor LABEL VERDICT TEXT SETUP COMMAND…
doctor() {
	local label=$1 verdict=$2 text=$3 setup=$4
	shift 4
	expect "$label: doctor says: $text" 0 "$text" person "$setup" "$@" "$brun" doctor
	cp out told
	check "$label: which is $verdict" grep -q "^$verdict *supplementary groups" told
}

# --- where newgidmap may be asked
build "with groups" 1000 true
doctor "with groups" ok "a step leaves them, thanks to newgidmap" true
build "with a newgidmap that counts" 1000 "$(instead counting)"
check "four steps make one call" [ "$(calls)" = 1 ]
check "in a clean environment" grep -qx '7 arguments, PATH=/usr/bin:/bin LC_ALL=C ' home/calls
check "where nothing is to be done" person "$(instead counting)" "$brun" build -j3 steps.lua
check "there is no call" [ "$(calls)" = 1 ]
for groups in "$uid" "$group"; do
	build "with group $groups alone" 1000 "$(instead counting)"
	check "with group $groups alone: calls" [ "$(calls)" = "$([ "$groups" = $uid ] && echo 0 || echo 1)" ]
done
unset groups
forget
echo "root:61240:8" >roots
check "root has no need of it" unshare -m sh -c "mount --bind roots /etc/subgid && $(instead counting)"' && exec "$@"' sh setpriv --groups=0,$group "$brun" build steps.lua --store "$T/of-root"
check "and makes no call" [ "$(calls)" = 0 ]
seen of-root >steps
check "nor have root's steps his groups" grep -qx "4 groups: 1000" steps
build "a caller that ignores SIGCHLD" 1000 true sh -c 'trap "" CHLD; exec "$@"' sh
for program in sandbox sandbox_root; do
	check "the facts of test-$program" person true env BRUN_TEST_LEAVES_GROUPS=1 TMPDIR=/tmp "$T/bin/test-$program"
done
sed "s/^brun-e2e:/$uid:/" subgid >by-number
build "ids that are the number's, not the name's" 1000 "mount --bind by-number /etc/subgid"
{ printf '#brun-e2e:1:1\nbrun-e2e:\nbrun-e2e:x:1\nbrun-e2e:61237:0\nbrun-e2e2:61238:1\nbrun-e2:61238:1\nbrun-e2e:%s:1\n' $uid && cat subgid; } >odd
build "lines that are no good" 1000 "mount --bind odd /etc/subgid"
echo "brun-e2e:$uid:2" >own
build "the first id is that of the own group" 1000 "mount --bind own /etc/subgid"

# A store that only a group leads to: a step's first process leaves its groups when it has its inputs.
mkdir -p team && chgrp $group team && chmod 2770 team
check "a store that only a group leads to" person true "$brun" build --store "$T/team/store" steps.lua
seen team/store >steps
check "its steps have left that group" grep -qx "4 groups: 1000" steps

# --- where it may not
kept="1000 65534"
hidden="mount --bind /dev/null '$newgidmap'"
build "newgidmap is not there" "$kept" "$hidden"
doctor "newgidmap is not there" degraded "apt-get install uidmap" "$hidden"
build "no group ids" "$kept" "mount --bind nobody /etc/subgid"
doctor "no group ids" degraded "as root: usermod --add-subgids" "mount --bind nobody /etc/subgid"
echo "somebody:100000:65536" >others
doctor "others have some" degraded "usermod --add-subgids 165536-231071 brun-e2e" "mount --bind others /etc/subgid"
person "mount --bind others /etc/subgid" "$brun" doctor --json >findings 2>/dev/null
check "in JSON, too" grep -q '"check":"supplementary groups","verdict":"degraded","note":"[^"]*/etc/subgid has no group ids for brun-e2e","advice":"as root: usermod' findings
build "newgidmap without privileges" "$kept" true setpriv --no-new-privs
doctor "newgidmap without privileges" degraded "newgidmap: write to gid_map failed: Operation not permitted" true setpriv --no-new-privs
printf '#!/bin/sh\nexit 0\n' >idle && chmod 755 idle
build "newgidmap that does nothing" "$kept" "$(instead idle)"
build "a person without a name" "$kept" "umount /etc/passwd"
doctor "a person without a name" degraded "no entry in passwd(5)" "umount /etc/passwd"
build "a namespace without the right to change groups" "$kept" true unshare -Ur
doctor "a namespace without the right to change groups" degraded "was made without the right to change groups" true unshare -Ur
for what in entering re-entering; do
	build "no $what of namespaces" "$kept" true env LD_PRELOAD="$T/bin/host.so" HOST_DENIES=$what
	doctor "no $what of namespaces" degraded "Operation not permitted" true env LD_PRELOAD="$T/bin/host.so" HOST_DENIES=$what
done
forget
check "maps that are refused once" person true env LD_PRELOAD="$T/bin/host.so" HOST_DENIES=mapping "$brun" build -j1 steps.lua
seen home/store >steps
check "keep the groups of one step" sh -c 'grep -qx "1 groups: 1000 65534" steps && grep -qx "3 groups: 1000" steps'
forget
expect "what may pass is no reason to keep them" 6 "ulimit -u" \
	person true env LD_PRELOAD="$T/bin/host.so" HOST_DENIES=processes "$brun" build -j3 steps.lua
check "no step runs" [ -z "$(seen home/store)" ]

# --- kill -9 in the middle
cat >waiting <<EOF
#!/bin/sh
echo \$1 >$T/home/held.new && mv $T/home/held.new $T/home/held
read line <$T/home/go
EOF
chmod 755 waiting && mkfifo home/go && chown $uid home/go
forget
person "$(instead waiting)" sh -c 'echo $$ >home/brun; exec "$@"' sh "$brun" build steps.lua >said 2>&1 &
started=$!
for _ in $(seq 600); do
	[ -e home/held ] || ! kill -0 $started 2>/dev/null && break
	sleep 0.1
done
held=$(cat home/held)
check "while newgidmap is asked a process holds the namespace" grep -qE "^ *$uid +$uid +1$" "/proc/$held/uid_map"
kill -9 "$(cat home/brun)"
wait $started 2>/dev/null
alive() { grep -qs '^State:.[^ZX]' "/proc/$1/status"; }
any_alive() {
	local number
	for number in $(stat -c '%u %n' /proc/[0-9]* 2>/dev/null | sed -n "s,^$uid /proc/,,p"); do
		if alive "$number"; then return 0; fi
	done
	return 1
}
gone() { for _ in $(seq 100); do "$@" || return 0; sleep 0.1; done; return 1; }
check "kill -9 of brun ends it" gone alive "$held"
echo 1<>home/go # it waits for nobody who reads
check "and no process of the person's is left" gone any_alive
