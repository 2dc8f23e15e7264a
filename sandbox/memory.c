/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* statm, proc(5): size, resident, shared (with files), in pages. */
static uint64_t
own_bytes(int process)
{
	cleanup_buf struct buf text = {0};
	unsigned long long resident = 0, shared = 0;

	if (fs_read_at(process, "statm", 4096, &text, NULL) < 0 ||
		sscanf(buf_text(&text), "%*u %llu %llu", &resident, &shared) != 2 ||
		shared > resident) {
		return 0;
	}
	return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Appends the children of all threads, numbers with a space behind each (CONFIG_PROC_CHILDREN). */
static void
add_children(int process, struct buf *pids)
{
	cleanup_fd int tasks = openat(process, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (tasks < 0 || fs_list_dir(tasks, &names, &count, NULL) < 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char path[64];
		snprintf(path, sizeof(path), "%.32s/children", names[i]);
		(void)fs_read_at(tasks, path, 1 << 20, pids, NULL);
	}
}

uint64_t
memory_of_family(pid_t pid)
{
	cleanup_buf struct buf pids = {0};
	uint64_t total = 0;

	buf_printf(&pids, "%d ", (int)pid);
	for (size_t at = 0; at < pids.length;) {
		char path[32];
		snprintf(path, sizeof(path), "/proc/%d", atoi(pids.data + at));
		at += strcspn(pids.data + at, " ") + 1;
		cleanup_fd int process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (process >= 0) {
			total += own_bytes(process);
			add_children(process, &pids);
		}
	}
	return total;
}
