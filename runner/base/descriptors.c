/* SPDX-License-Identifier: MIT */
#include "descriptors.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* getdents64(2). */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

/* Closes what one piece of the list names; true where there was something. */
static bool
close_listed(char *entries, long size, int list, unsigned first, unsigned last)
{
	bool has_closed = false;

	for (long at = 0; at < size;) {
		struct entry *entry = (struct entry *)(entries + at);
		at += entry->length;
		if (entry->name[0] < '0' || entry->name[0] > '9') {
			continue;
		}
		unsigned fd = (unsigned)strtoul(entry->name, NULL, 10);
		if (fd >= first && fd <= last && fd != (unsigned)list) {
			close((int)fd);
			has_closed = true;
		}
	}
	return has_closed;
}

/* Anew after each piece of which something was closed: the list has changed. */
static bool
close_by_list(unsigned first, unsigned last)
{
	_Alignas(struct entry) char entries[4096];
	int list = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long size;

	if (list < 0) {
		return false;
	}
	while ((size = syscall(SYS_getdents64, list, entries, sizeof(entries))) > 0) {
		if (close_listed(entries, size, list, first, last)) {
			lseek(list, 0, SEEK_SET);
		}
	}
	close(list);
	return size == 0;
}

static void
close_by_number(unsigned first, unsigned last)
{
	struct rlimit limit = {.rlim_cur = 1024};

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	for (unsigned fd = first; fd <= last && fd < limit.rlim_cur && fd < 1 << 20; fd++) {
		close((int)fd);
	}
}

void
descriptors_close(unsigned first, unsigned last)
{
	/* EPERM: what some containers' filters answer to what they don't know. */
	if (first <= last && syscall(SYS_close_range, first, last, 0) < 0 &&
		!close_by_list(first, last)) {
		close_by_number(first, last);
	}
}

void
descriptors_fill_standard(void)
{
	static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};

	/* Each gets the lowest number that is free (open(2)). */
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) < 0) {
			(void)open("/dev/null", modes[fd]);
		}
	}
}
