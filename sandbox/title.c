/* SPDX-License-Identifier: MIT */
#include "title.h"

#include "base/fs.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* proc_pid_stat(5); counted from 1. The second one may hold blanks and parentheses. */
enum { AFTER_NAME = 3, ARG_START = 48, ARG_END = 49 };

static uintptr_t
field_of(const char *stat, int number)
{
	const char *at = strrchr(stat, ')');

	for (int field = AFTER_NAME - 1; at && field < number; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at ? (uintptr_t)strtoull(at, NULL, 10) : 0;
}

void
title_find(struct title *ret_title)
{
	char stat[2048];
	cleanup_fd int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);

	stat[got < 0 ? 0 : got] = '\0';
	*ret_title = (struct title){
		.start = (char *)field_of(stat, ARG_START),
		.end = (char *)field_of(stat, ARG_END),
	};
}

void
title_set(const struct title *title, const char *text)
{
	(void)prctl(PR_SET_NAME, text, 0, 0, 0);
	if (!title->start || title->end <= title->start) {
		return;
	}
	size_t room = (size_t)(title->end - title->start), length = strlen(text);
	memset(title->start, 0, room);
	memcpy(title->start, text, length < room ? length : room - 1);
	if (length + 1 < room) {
		/* A last byte that is not NUL tells the kernel to stop at the first that is
		 * (get_mm_cmdline, fs/proc/base.c): the old length does not show, either. */
		title->end[-1] = ' ';
	}
}
