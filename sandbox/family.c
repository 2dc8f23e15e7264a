/* SPDX-License-Identifier: MIT */
#include "family.h"

#include "held.h"
#include "visit.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

enum { STATUS_MAX = 16384 };

/* The number behind a name at the start of a line, as /proc's files have it: "RssAnon:   12 kB". */
static uint64_t
number_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static int
open_process(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* status, proc(5). */
static void
add_figures(int process, struct family *family)
{
	cleanup_buf struct buf text = {0};

	if (fs_read_at(process, "status", STATUS_MAX, &text, NULL) < 0) {
		return;
	}
	const char *status = buf_text(&text);
	family->tasks += number_of(status, "\nThreads:");
	family->memory += (number_of(status, "\nRssAnon:") + number_of(status, "\nRssShmem:"))
			  << 10;
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

void
family_look(pid_t pid, struct family *ret_family)
{
	struct family family = {0};
	cleanup_buf struct buf pids = {0};

	buf_printf(&pids, "%d ", (int)pid);
	for (size_t at = 0; at < pids.length;) {
		pid_t member = (pid_t)atoi(pids.data + at);
		at += strcspn(pids.data + at, " ") + 1;
		cleanup_fd int process = open_process(member);
		if (process >= 0) {
			family.pids =
				mem_resize(family.pids, family.count + 1, sizeof(*family.pids));
			family.pids[family.count++] = member;
			add_figures(process, &family);
			add_children(process, &pids);
		}
	}
	*ret_family = family;
}

void
family_done(struct family *family)
{
	free(family->pids);
	*family = (struct family){0};
}

/* smaps_rollup: a page that several map counts for each in part. Before Linux 5.14 it does not tell
 * files from the rest, and is no use. */
static void
add_shares(pid_t pid, uint64_t *anonymous, uint64_t *shared)
{
	cleanup_buf struct buf text = {0};
	cleanup_fd int process = open_process(pid);
	const char *figures =
		process >= 0 && fs_read_at(process, "smaps_rollup", STATUS_MAX, &text, NULL) == 0
			? buf_text(&text)
			: "";

	if (strstr(figures, "\nPss_Anon:")) {
		*anonymous += number_of(figures, "\nPss_Anon:") << 10;
		*shared += number_of(figures, "\nPss_Shmem:") << 10;
	} else if (process >= 0) {
		struct family alone = {0};
		add_figures(process, &alone);
		*anonymous += alone.memory;
	}
}

/* proc_meminfo(5): files in memory, shared mappings, segments. */
static uint64_t
machines_shared(void)
{
	cleanup_buf struct buf text = {0};

	return fs_read_at(AT_FDCWD, "/proc/meminfo", STATUS_MAX, &text, NULL) < 0
		       ? 0
		       : number_of(buf_text(&text), "\nShmem:") << 10;
}

void
family_memory_begin(struct family_memory *memory, uint64_t limit)
{
	*memory = (struct family_memory){.limit = limit};
	if (limit) {
		memory->shared_at_start = machines_shared();
	}
}

/* shmctl(2), of the whole namespace, whoever is attached. */
static void
look_at_segments(const void *unused, void *result)
{
	struct shm_info info;

	(void)unused;
	if (shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&info) >= 0) {
		*(uint64_t *)result =
			((uint64_t)info.shm_rss + info.shm_swp) * (uint64_t)sysconf(_SC_PAGESIZE);
	}
}

/* Looked at again and again, for an honest program leaves a descriptor there for a moment only. */
static bool
hides_in_queues(struct family_memory *memory, const struct held *held)
{
	enum { LOOKS = 4 };

	memory->looks_at_queued = held->has_queued ? memory->looks_at_queued + 1 : 0;
	return memory->looks_at_queued >= LOOKS &&
	       machines_shared() > memory->shared_at_start + memory->limit;
}

bool
family_exceeds(const struct family *family, struct family_memory *memory)
{
	uint64_t anonymous = 0, shared = 0, segments = 0;
	struct held held;

	held_by(family, NULL, 0, &held);
	if (hides_in_queues(memory, &held)) {
		return true;
	}
	(void)visit_step(family, look_at_segments, NULL, &segments, sizeof(segments));
	if (family->memory + held.elsewhere + segments <= memory->limit) {
		return false;
	}
	/* Near enough to look at it once more, which takes longer. */
	for (size_t i = 0; i < family->count; i++) {
		add_shares(family->pids[i], &anonymous, &shared);
	}
	/* A file in memory may be mapped, open, or both; a segment attached or not. */
	uint64_t kept = held.elsewhere + segments;
	return anonymous + (shared > kept ? shared : kept) > memory->limit;
}
