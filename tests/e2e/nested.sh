#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun inside of other sandboxes: it works there, or says why it does not.
# What stands in single quotes is for another shell.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2
chmod 755 "$T"
# Not all of id: in a namespace of another's making groups may have to stay (groups.sh).
recipe step <<'EOF'
return run { name = "step", base = base, script = "echo a step ran; mkdir -p $DESTDIR$PREFIX; { id -u; id -g; } >$DESTDIR$PREFIX/id" }
EOF
check "outside" "$BRUN" build step.lua
tree=$(basename "$(cat out)")
inside() { # inside NAME COMMAND…: which ends with what starts brun; the tree is the same there
	local name=$1
	shift
	chmod -R u+w inner 2>/dev/null
	rm -rf inner
	check "$name" "$@" "$BRUN" build --store "$T/inner" step.lua
	check "$name: gives the same tree" [ "$(basename "$(cat out)")" = "$tree" ]
}

# --- bubblewrap, with flags that leave namespaces to those inside
if command -v bwrap >/dev/null; then
	inside "under bubblewrap" bwrap --bind / / --dev-bind /dev /dev --chdir "$T"
	inside "under bubblewrap with other namespaces" \
		bwrap --unshare-ipc --unshare-uts --unshare-net --unshare-cgroup --bind / / --dev-bind /dev /dev --chdir "$T"
	# It covers what root could write to, for root only.
	own_proc=(bwrap --unshare-pid --bind / / --dev-bind /dev /dev --proc /proc --chdir "$T")
	if [ "$(id -u)" = 0 ]; then
		expect "under bubblewrap with its own /proc, parts of which it covers" 6 "findmnt -R /proc lists them" \
			"${own_proc[@]}" "$BRUN" build --store "$T/never" step.lua
	else
		inside "under bubblewrap with its own /proc" "${own_proc[@]}"
	fi
	expect "under bubblewrap without user namespaces" 6 "and in the containers around this one" \
		bwrap --unshare-user --disable-userns --bind / / --dev-bind /dev /dev --chdir "$T" "$BRUN" build --store "$T/never" step.lua
else
	skip "under bubblewrap" "bwrap is not installed"
fi

# --- what a container is: namespaces, and a root of its own that was entered by pivot_root
cat >container <<'EOF'
set -e
mount -t tmpfs tmpfs root
cd root
for entry in /*; do
	case $entry in
	/proc | /dev | /sys) mkdir ".$entry" ;;
	*) if [ -L "$entry" ]; then cp -d "$entry" .; elif [ -d "$entry" ]; then mkdir ".$entry" && mount --rbind "$entry" ".$entry"; fi ;;
	esac
done
mkdir .before
mount -t proc proc proc
for node in null zero full random urandom tty; do : >dev/$node; mount --bind /dev/$node dev/$node; done
pivot_root . .before
umount -l .before
exec "$@"
EOF
mkdir root
inside "in a container" unshare -Urmpiuf sh container env --chdir="$T"
# Docker's own: parts of /proc are covered.
sed 's|^pivot_root|mount -t tmpfs -o ro tmpfs proc/irq; mount --bind -o ro proc/sys proc/sys; &|' container >docker
expect "in a container whose /proc is covered" 6 "--security-opt systempaths=unconfined" \
	unshare -Urmpiuf sh docker env --chdir="$T" "$BRUN" build --store "$T/never" step.lua

# --- in itself
root=$T/self
mkdir -p "$root/opt/build/runner" "$root/usr/lib" && tar -C "$root" -xf base.tar
cp -rL "$top/recipes" "$root/opt/recipes"
for program in brun unpack-helper fetch-helper; do
	cp "$(dirname "$BRUN")/$program" "$root/opt/build/runner/" || exit 2
	ldd "$(dirname "$BRUN")/$program" | grep -oE '/[^ ]+' | while read -r library; do
		mkdir -p "$root/usr/$(dirname "${library#/usr}")"
		cp -nL "$library" "$root/usr/${library#/usr}"
	done
done
tar -C "$root" -cf self.tar . && chmod -R u+w "$root" && rm -rf "$root"
recipe inner <<'EOF'
return run { name = "inner", base = unpack { fetch { url = "file://SELF", sha256 = "HASH" } }, script = [[
brun=/opt/build/runner/brun
$brun version
printf 'return run { name = "x", base = file { path = "bin/sh", text = "no" }, script = "true" }' >x.lua
status=0
$brun build --store /build/store x.lua || status=$?
$brun doctor --store /build/store || echo doctor ended with $?
echo it ended with $status
exit 1
]] }
EOF
sed -i "s|SELF|$T/self.tar|; s|HASH|$(sha256sum self.tar | cut -d' ' -f1)|" inner.lua
"$BRUN" build inner.lua >/dev/null 2>&1
"$BRUN" log inner.lua >told 2>/dev/null
check "a step can start brun" grep -q '^brun 0' told
check "which is refused its sandbox" grep -q '^it ended with 6' told
check "and says that it is in a step of brun" grep -q 'this is a step of brun' told
check "so does doctor" grep -q 'doctor ended with 6' told
grep -q 'this is a step of brun' told || sed 's/^/# /' told
