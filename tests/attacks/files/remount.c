/* SPDX-License-Identifier: MIT */
/* Tries: to make an input writable by remounting it, to mount over it, to uncover what /proc hides,
 * to change the root.
 * Must be seen: an error each time.
 * Known from: mount_namespaces(7): nothing but the mount protects inputs from a step that owns
 * their files. */
#include "../attack.h"

#include <stddef.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	must_fail(mount(NULL, "/brun", NULL, MS_REMOUNT | MS_BIND, NULL), "remount writable");
	must_fail(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL), "remount the root writable");
	must_fail(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL), "make mounts shared");
	must_fail(mount("tmpfs", "/build", "tmpfs", 0, NULL), "mount a tmpfs");
	must_fail(mount("proc", "/build", "proc", 0, NULL), "mount another /proc");
	must_fail(mount("/build", "/brun", NULL, MS_BIND, NULL), "bind");
	must_fail(mount("/brun", "/build", NULL, MS_MOVE, NULL), "move");
	must_fail(umount2("/proc/keys", MNT_DETACH), "unmask a file of /proc");
	must_fail(umount2("/proc", MNT_DETACH), "unmount /proc");
	must_fail(umount2("/", MNT_DETACH), "unmount the root");
	must_fail(syscall(SYS_pivot_root, "/build", "/build"), "pivot_root");
}
