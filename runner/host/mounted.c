/* SPDX-License-Identifier: MIT */
#include "host/mounted.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { MOUNTINFO_MAX = 16 << 20 };

/* proc_pid_fdinfo(5); -1 where it can't be told. */
static long
mount_id(int fd)
{
	static const char field[] = "mnt_id:";
	cleanup_free char *path = mem_printf("/proc/self/fdinfo/%d", fd);
	cleanup_buf struct buf text = {0};

	if (fs_read_at(AT_FDCWD, path, 4096, &text, NULL) < 0) {
		return -1;
	}
	const char *at = strstr(buf_text(&text), field);
	return at ? strtol(at + strlen(field), NULL, 10) : -1;
}

/* proc_pid_mountinfo(5): ID PARENT DEVICE ROOT POINT OPTIONS [TAG…] - TYPE SOURCE OPTIONS. */
static void
add_line(const char *line, struct buf *text)
{
	const char *options = line;
	const char *type = strstr(line, " - ");

	for (int field = 1; options && field < 6; field++) {
		options = strchr(options, ' ');
		options = options ? options + 1 : NULL;
	}
	if (options && type) {
		buf_printf(text, "%.*s, %.*s", (int)strcspn(type + 3, " "), type + 3,
			(int)strcspn(options, " "), options);
	}
}

void
mounted_add(int fd, struct buf *text)
{
	long id = mount_id(fd);
	cleanup_buf struct buf list = {0};

	if (id < 0 ||
		fs_read_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &list, NULL) < 0) {
		return;
	}
	for (char *line = (char *)buf_text(&list); *line;) {
		char *end = strchrnul(line, '\n');
		bool is_last = !*end;
		*end = '\0';
		if (strtol(line, NULL, 10) == id) {
			add_line(line, text);
			return;
		}
		line = is_last ? end : end + 1;
	}
}
