/* SPDX-License-Identifier: MIT */
/* Tries: to open files of the host's file systems by handles, made from an input and made up.
 * Must be seen: an error each time.
 * Known from: open_by_handle_at(2): it asks for CAP_DAC_READ_SEARCH and for no path; the "shocker"
 * escape from Docker of 2014. */
#include "../attack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct room {
	struct file_handle handle;
	unsigned char bytes[128];
};

ATTACK()
{
	struct room room = {.handle.handle_bytes = 128};
	int id, brun = open("/brun", O_RDONLY | O_DIRECTORY);
	int build = open("/build", O_RDONLY | O_DIRECTORY);

	if (name_to_handle_at(AT_FDCWD, "/brun/file", &room.handle, &id, 0) == 0) {
		must_fail(open_by_handle_at(build, &room.handle, O_RDONLY), "by /build's mount");
		must_fail(open_by_handle_at(brun, &room.handle, O_RDWR), "by /brun's mount");
		must_fail(open_by_handle_at(AT_FDCWD, &room.handle, O_RDONLY), "by the cwd's");
	}
	/* inode 2 is the root of an ext4 file system */
	room = (struct room){.handle = {.handle_bytes = 8, .handle_type = 1}, .bytes = {2}};
	must_fail_with(EPERM, open_by_handle_at(build, &room.handle, O_RDONLY | O_DIRECTORY),
		"the root of /build's file system");
}
