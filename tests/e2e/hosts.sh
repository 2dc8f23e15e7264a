#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Other hosts than this one: older kernels, on which a build does the same, and hosts that refuse something, on which none
# runs a step and the message says which setting to change.
# What stands in single quotes is for another shell.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
make_base
cd "$T" || exit 2
chmod 755 "$T"
tests=$(cd "$(dirname "$BRUN")/../tests" && pwd)
refuse=$tests/refuse
[ -x "$refuse" ] || { echo "Bail out! $refuse is missing: compile first"; exit 2; }
as_user() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
	as_user() { setpriv --reuid=54321 --regid=54321 --clear-groups env HOME="$T/home" BRUN_STORE="$T/user/store" "$@"; }
	mkdir -p user home && chown 54321 user home
fi

recipe step <<'EOF'
local dep = run { name = "dep", base = base, script = "mkdir -p $DESTDIR$PREFIX; echo 1 >$DESTDIR$PREFIX/dep" }
return run { name = "step", base = base, deps = { dep }, script = [[
echo a step ran
for place in /brun/dep /usr/bin/sh /etc /dev/null /script; do
  (: >$place/x || chmod 777 $place || rm -f $place) 2>/dev/null && echo $place is writable
done
mkdir -p $DESTDIR$PREFIX
cat /brun/dep >$DESTDIR$PREFIX/file
sed 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]* [^ ]*\).*/\1/' /proc/self/mountinfo >$DESTDIR$PREFIX/mounts
]] }
EOF
chmod 644 step.lua base.tar

# --- older kernels: what they lack, by the release that brought it
check "this kernel" "$BRUN" build step.lua
tree=$(cat out)
check "the step wrote where it may only" [ -z "$(grep -rl 'is writable' "$BRUN_STORE/logs")" ]
older() { # older LABEL CALL,…: the same comes out, and the sandbox's facts hold, among them that inputs can't be written and that
	# mount targets are reached through no symlink
	local label=$1 calls=$2 program
	chmod -R u+w old 2>/dev/null
	rm -rf old
	check "without $label: a build" "$refuse" ENOSYS "$calls" env BRUN_STORE="$T/old" "$BRUN" build step.lua
	check "gives the same tree" [ "$(basename "$(cat out)")" = "$(basename "$tree")" ]
	for program in sandbox sandbox_root; do
		check "without $label: the facts of test-$program" "$refuse" ENOSYS "$calls" "$tests/test-$program"
	done
}
older "mount_setattr (5.12)" mount_setattr
older "close_range (5.9)" close_range
older "openat2 (5.6)" openat2
older "clone3 (5.3)" clone3
older "pidfds (5.3)" pidfd_open,pidfd_send_signal
older "open_tree and move_mount (5.2)" open_tree,move_mount,mount_setattr
older "Landlock (5.13)" landlock_create_ruleset,landlock_restrict_self,landlock_add_rule
all=mount_setattr,close_range,openat2,pidfd_open,pidfd_send_signal,pidfd_getfd,open_tree,move_mount,fsopen,fsmount,fsconfig
older "any of them (4.18)" $all,clone3,landlock_create_ruleset,landlock_restrict_self,faccessat2,io_uring_setup
for answer in ENOSYS EPERM; do
	check "brun pack --root has no need of openat2, which answers $answer" "$refuse" $answer openat2 "$tests/test-rooted"
done
expect "doctor says what is slower there" 0 "degraded  mount_setattr" "$refuse" ENOSYS $all "$BRUN" doctor
expect "and that steps run" 0 "ok        all of it at once" "$refuse" ENOSYS $all "$BRUN" doctor

# The attacks that those calls keep out, against a brun that has none of them.
if [ -x "$tests/attacks/attacks" ]; then
	mkdir wrapped && cp "$(dirname "$BRUN")"/*-helper wrapped
	printf '#!/bin/sh\nexec "%s" ENOSYS %s "%s" "$@"\n' "$refuse" "$all,clone3,faccessat2" "$BRUN" >wrapped/brun
	chmod 755 wrapped wrapped/*
	check "attacks without any of them" env BRUN="$T/wrapped/brun" BRUN_BUILD="$(dirname "$tests")" "$top/tests/attacks/run" \
		write-input write-script mount-targets remount replace-programs change-devices leave-root leaked-descriptors
	check "all of which were made" [ "$(grep -c '^ok .*: ' out)" -ge 8 ]
else
	skip "attacks without any of them" "this machine's C library can't be linked statically (glibc-static)"
fi
for answer in EPERM EACCES; do
	chmod -R u+w old && rm -rf old
	check "$answer to what is young: a build" "$refuse" $answer $all env BRUN_STORE="$T/old" "$BRUN" build step.lua
	check "gives the same tree" [ "$(basename "$(cat out)")" = "$(basename "$tree")" ]
done

# --- hosts that refuse: exit 6, what to do about it, and no step
refused() { # refused NAME TEXT COMMAND…: which ends in brun's command line
	local name=$1 text=$2
	shift 2
	chmod -R u+w "$T/never" "$T/user" 2>/dev/null
	rm -rf "$T/never" "$T/user/store"
	expect "$name" 6 "$text" "$@"
	check "$name: no step runs" sh -c '! grep -rqs "a step ran" "$@"' sh "$T/never/logs" "$T/user/store/logs"
}
build="$BRUN build --store $T/never step.lua"
user_build="$BRUN build --store $T/user/store $T/step.lua"
# in_namespace SETUP COMMAND…: as root of namespaces of its own, once SETUP is done there.
in_namespace() {
	local setup=$1
	shift
	unshare -Urmpf --mount-proc sh -c "$setup"' && exec "$@"' sh "$@"
}
# A chroot that has all that there is here.
in_chroot() {
	mkdir -p chroot
	unshare -Urm sh -c 'mount --rbind / chroot && exec chroot chroot "$@"' sh env --chdir="$T" "$@"
}
# shellcheck disable=SC2086
{
	for kind in user mnt pid ipc uts net cgroup; do
		refused "no more $kind namespaces" "sysctl -w user.max_${kind}_namespaces=" \
			in_namespace "echo 0 >/proc/sys/user/max_${kind}_namespaces" $build
	done
	new_user=0x10000000
	# A step that gets a group of its own is made by clone3, where that is there.
	only_clone="$refuse ENOSYS clone3"
	refused "a container's filter on clone" "--security-opt seccomp=unconfined" $only_clone "$refuse" EPERM "clone&$new_user" $build
	refused "and on clone3 and unshare, too" "--security-opt seccomp=unconfined" \
		$only_clone "$refuse" EPERM "clone&$new_user,unshare" $build
	refused "an older one, that knows no clone3" "--security-opt seccomp=unconfined" "$refuse" EPERM clone3 $build
	refused "a kernel without user namespaces" "CONFIG_USER_NS" $only_clone "$refuse" EINVAL "clone&$new_user" $build
	refused "a kernel without a network namespace" "(the network one)" $only_clone "$refuse" EINVAL "clone&0x40000000" $build
	refused "too deeply nested ones" "nested too deeply" $only_clone "$refuse" EUSERS "clone&$new_user" $build
	refused "too many processes" "ulimit -u" $only_clone "$refuse" EAGAIN "clone&$new_user" $build
	refused "no mounts" "making the mounts private: Permission denied" "$refuse" EACCES mount $build
	refused "nor in a container" "container" env container=test "$refuse" EPERM mount $build
	refused "no pivot_root" "initramfs" "$refuse" EINVAL pivot_root $build
	refused "no unmounting" "entering the new root" "$refuse" EPERM umount2 $build
	refused "no host name" "setting the host name" "$refuse" EPERM sethostname $build
	refused "no loopback" "bringing up the loopback device" "$refuse" EACCES socket $build
	refused "no change of user" "becoming user 1000" "$refuse" EPERM setresuid $build
	refused "no new session" "becoming user 1000" "$refuse" EPERM setsid $build
	if [ "$(id -u)" -eq 0 ]; then
		refused "no leaving of root's groups" "becoming user 1000" "$refuse" EPERM setgroups $build
	fi
	refused "no personality" "setting resource limits" "$refuse" EPERM personality $build
	refused "no processes at all" "seccomp=unconfined" $only_clone "$refuse" EPERM clone $build
	refused "no dropping of capabilities" "dropping privileges" "$refuse" EPERM capset $build
	refused "no filter" "CONFIG_SECCOMP_FILTER" "$refuse" EINVAL "prctl&22" $build
	refused "an over-mounted /proc" "findmnt -R /proc" in_namespace 'mount -t tmpfs -o ro tmpfs /proc/irq' $build
	refused "a read-only /proc" "mount -t proc" in_namespace 'mount -o remount,bind,ro /proc' $build
	refused "no /proc" "mount -t proc" in_namespace 'mount -t tmpfs tmpfs /proc' $build
	refused "no /dev" "host's /dev needs" in_namespace 'mount -t tmpfs tmpfs /dev' $build
	refused "a caller in a chroot" "pivot_root instead" in_chroot $build
	refused "the unpacking helper, too, has its sandbox" "seccomp=unconfined" "$refuse" EPERM "unshare" $build
	mkdir -p settings/kernel
	host="env HOST_SETTINGS=$T/settings LD_PRELOAD=$tests/host.so"
	echo 0 >settings/kernel/unprivileged_userns_clone
	refused "Debian's setting" "sysctl -w kernel.unprivileged_userns_clone=1" $only_clone "$refuse" EPERM "clone&$new_user" $host $build
	rm settings/kernel/unprivileged_userns_clone
	echo 1 >settings/kernel/apparmor_restrict_unprivileged_userns
	for what in maps mounts; do
		refused "Ubuntu's restriction, at the $what" "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" \
			as_user $host HOST_DENIES=$what $user_build
		expect "doctor says so, too" 6 "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" \
			as_user $host HOST_DENIES=$what "$BRUN" doctor
	done
}
check "and here it still builds" "$BRUN" build --store "$T/never" step.lua
