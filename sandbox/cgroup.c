/* SPDX-License-Identifier: MIT */
/* The files are described in Documentation/admin-guide/cgroup-v2.rst. */
#include "cgroup.h"

#include "delegation.h"
#include "sandbox.h"

#include "base/buf.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FILE_MAX = 16384, NAMES_MAX = 100, REMOVAL_MS = 1000 };

static int
write_text(int group, const char *file, const char *text)
{
	cleanup_fd int fd = openat(group, file, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

static int
write_number(int group, const char *file, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return write_text(group, file, text);
}

/* The lock tells a later brun that the group is in use (delegation.c). */
static int
make_locked(int base, struct cgroup *group)
{
	static atomic_uint count;
	int made = -1;

	errno = EEXIST; /* another pid namespace has our number, too */
	for (int attempt = 0; attempt < NAMES_MAX && made < 0 && errno == EEXIST; attempt++) {
		snprintf(group->name, sizeof(group->name), DELEGATION_STEP "%d-%u", (int)getpid(),
			atomic_fetch_add(&count, 1));
		made = mkdirat(base, group->name, 0755);
	}
	if (made < 0) {
		return -1;
	}
	group->fd = openat(base, group->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return group->fd < 0 || flock(group->fd, LOCK_SH | LOCK_NB) < 0 ? -1 : 0;
}

static int
set_limits(int group, const struct sandbox_limits *limits, bool has_pids)
{
	if (has_pids && write_number(group, "pids.max", limits->processes) < 0) {
		return -1;
	}
	if (!limits->memory_bytes) {
		return 0;
	}
	/* Either is missing on some kernels, and then what it forbids does not exist or is noticed
	 * later: swap, and a step that lives on without the process that was killed. */
	(void)write_text(group, "memory.swap.max", "0");
	(void)write_text(group, "memory.oom.group", "1");
	return write_number(group, "memory.max", limits->memory_bytes);
}

bool
cgroup_make(const struct sandbox_limits *limits, struct cgroup *ret_group)
{
	const struct delegation *place = delegation_find();
	struct cgroup group = {.fd = -1};

	*ret_group = group;
	if (place->fd < 0) {
		return false;
	}
	if (make_locked(place->fd, &group) < 0 ||
		set_limits(group.fd, limits, place->has_pids) < 0) {
		cgroup_remove(&group);
		return false;
	}
	*ret_group = group;
	return true;
}

/* struct clone_args, clone(2). */
struct arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
		set_tid_size, cgroup;
};

/* Before Linux 5.7, or where a filter stands before clone3. It moves itself, so that nobody sees it
 * elsewhere; this takes a few milliseconds of waiting for all processors. */
static pid_t
clone_and_move(const struct cgroup *group, unsigned long flags)
{
	cleanup_fd int members = openat(group->fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (members < 0) {
		return -1;
	}
	pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, 0);
	if (pid == 0) {
		ssize_t written = write(members, "0", 1);
		if (written != 1) {
			_exit(127);
		}
	}
	return pid;
}

pid_t
cgroup_clone(const struct cgroup *group, unsigned long flags)
{
	const uint64_t into_cgroup = 0x200000000;
	struct arguments arguments = {.flags = flags | into_cgroup, .cgroup = (uint64_t)group->fd};
	pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));

	return pid < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL || errno == E2BIG)
		       ? clone_and_move(group, flags)
		       : pid;
}

/* The sum of the numbers behind these names, each at the start of a line; 0 without a file. */
static uint64_t
sum_of(int group, const char *file, const char *const *names)
{
	cleanup_buf struct buf text = {0};
	uint64_t sum = 0;

	if (fs_read_at(group, file, FILE_MAX, &text, NULL) < 0) {
		return 0;
	}
	for (const char *line = buf_text(&text); *line; line += *line == '\n') {
		for (const char *const *name = names; *name; name++) {
			size_t length = strlen(*name);
			if (strncmp(line, *name, length) == 0 && (!length || line[length] == ' ')) {
				sum += strtoull(line + length, NULL, 10);
			}
		}
		line += strcspn(line, "\n");
	}
	return sum;
}

static uint64_t
number_of(int group, const char *file, const char *name)
{
	return sum_of(group, file, (const char *const[]){name, NULL});
}

void
cgroup_look(const struct cgroup *group, struct cgroup_usage *ret_usage)
{
	/* memory.current and memory.peak count the page cache, too, which grows to the limit
	 * whenever enough files are read. */
	static const char *const own[] = {
		"anon", "shmem", "kernel_stack", "pagetables", "sock", "slab_unreclaimable", NULL};

	/* "oom" is told where the group's own limit was reached: not where a group around it, or
	 * the whole machine, has no memory left and the kernel finds somebody in here. */
	bool is_at_limit = number_of(group->fd, "memory.events", "oom") > 0;

	*ret_usage = (struct cgroup_usage){
		.memory = sum_of(group->fd, "memory.stat", own),
		.tasks = number_of(group->fd, "pids.current", ""),
		.user_ms = number_of(group->fd, "cpu.stat", "user_usec") / 1000,
		.system_ms = number_of(group->fd, "cpu.stat", "system_usec") / 1000,
		.was_out_of_memory =
			is_at_limit && number_of(group->fd, "memory.events", "oom_kill") > 0,
		.was_out_of_processes = number_of(group->fd, "pids.events", "max") > 0,
	};
}

/* Not every kernel takes a process out of its group before it can be waited for. */
static void
await_empty(const struct cgroup *group)
{
	cleanup_fd int events = openat(group->fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd polled = {.fd = events, .events = POLLPRI};

	if (events >= 0 && number_of(group->fd, "cgroup.events", "populated") > 0) {
		(void)poll(&polled, 1, REMOVAL_MS);
	}
}

void
cgroup_remove(struct cgroup *group)
{
	const struct delegation *place = delegation_find();

	if (group->fd >= 0 && unlinkat(place->fd, group->name, AT_REMOVEDIR) < 0 &&
		errno == EBUSY) {
		await_empty(group);
		(void)unlinkat(place->fd, group->name, AT_REMOVEDIR);
	}
	fs_close_slot(&group->fd);
	group->fd = -1;
}
