/* SPDX-License-Identifier: MIT */
/* Tries: to make nodes for the memory, a disk and the kernel's log, everywhere it can write, and to
 * use them.
 * Must be seen: an error each time; a node 0:0, which anyone may make, opens nothing.
 * Known from: mknod(2), user_namespaces(7): CAP_MKNOD counts in the first user namespace only. */
#include "../attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

ATTACK()
{
	static const char *const dirs[] = {
		"/build", "/dest", "/tmp", "/dev/shm", "/dev", "/dev/pts"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		must_be(chdir(dirs[i]) == 0, "it can go there");
		must_fail(mknod("mem", S_IFCHR | 0666, makedev(1, 1)), "%s/mem", dirs[i]);
		must_fail(mknod("kmsg", S_IFCHR | 0666, makedev(1, 11)), "%s/kmsg", dirs[i]);
		must_fail(mknod("disk", S_IFBLK | 0666, makedev(8, 0)), "%s/disk", dirs[i]);
		must_fail(mknod("loop", S_IFBLK | 0666, makedev(7, 0)), "%s/loop", dirs[i]);
	}
	if (mknod("/build/whiteout", S_IFCHR | 0666, makedev(0, 0)) == 0) {
		must_fail(open("/build/whiteout", O_RDWR), "open a node 0:0");
	}
}
