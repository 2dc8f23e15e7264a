/* SPDX-License-Identifier: MIT */
/* Tries: to leave a device node, of the one kind that takes no privilege: an overlay file system
 * reads it as "gone".
 * Must be seen: an error that names it, or no node to begin with.
 * Known from: mknod(2), since Linux 5.8; Documentation/filesystems/overlayfs.rst, whiteouts. */
#include "../attack.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

ATTACK(.status = 1, .says = "is a character device")
{
	if (mknod("/dest/brun/gone", S_IFCHR | 0644, makedev(0, 0)) < 0) {
		cannot_tell("a node 0:0 takes a privilege here (before Linux 5.8)");
	}
}
