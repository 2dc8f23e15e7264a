/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include "dev.h"
#include "filter.h"
#include "mount.h"
#include "network.h"
#include "privileges.h"
#include "proc.h"
#include "root.h"
#include "sandbox.h"

#include "base/err.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
new_root(void)
{
	return root_isolate() < 0 ? -1 : root_begin();
}

static int
identity(void)
{
	return privileges_become_user() < 0 ? -1 : privileges_leave_groups();
}

static int
bind_mount(void)
{
	cleanup_fd int root = new_root();

	return root < 0 ? -1
			: -(mount_bind(root, "/null", AT_FDCWD, "/dev/null",
				    MOUNT_READ_ONLY | MOUNT_NO_DEVICES) != STAGE_DONE);
}

static int
fresh_proc(void)
{
	cleanup_fd int root = new_root();

	return root < 0 ? -1 : proc_fill(root, "/proc");
}

static int
minimal_dev(void)
{
	cleanup_fd int root = new_root();

	return root < 0 ? -1 : dev_fill(root, "/dev", 4096);
}

static int
pivot(void)
{
	cleanup_fd int root = new_root();

	return root < 0 || root_seal(root) < 0 ? -1 : root_enter(root);
}

static int
host_name(void)
{
	return sethostname("brun", 4);
}

static int
limits(void)
{
	static const struct sandbox_limits few = {.processes = 16384, .disk_bytes = 1 << 30};

	return privileges_set_limits(&few);
}

static int
step_filter(void)
{
	const struct filter *filter;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || filter_for_step(&filter, NULL) < 0) {
		return -1;
	}
	return filter_apply(filter);
}

static int
open_beneath(void)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
	};

	return (int)syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));
}

static int
copy_mounts(void)
{
	return root_isolate() < 0 ? -1 : mount_copy(AT_FDCWD, "/", MOUNT_READ_ONLY);
}

static int
close_descriptors(void)
{
	return (int)syscall(SYS_close_range, 1000, ~0U, 0);
}

static int
scoped_sockets(void)
{
	if (!network_knows_scopes()) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -1 : network_scope_abstract_sockets();
}

/* As the helpers for archives and caches confine themselves. */
static int
helper(void)
{
	struct err problem = {0};

	if (sandbox_confine(-1, false, &problem) < 0) {
		errno = problem.number;
		return -1;
	}
	return 0;
}

static int
list_of_children(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%ld/children", syscall(SYS_gettid));
	return open(path, O_RDONLY | O_CLOEXEC);
}

enum {
	USER = CLONE_NEWUSER,
	MOUNTS = CLONE_NEWUSER | CLONE_NEWNS,
	PROCESSES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID,
	NAMES = CLONE_NEWUSER | CLONE_NEWUTS,
	NETWORK = CLONE_NEWUSER | CLONE_NEWNET,
};

#define NAMESPACE(text, constant)                                                                  \
	{                                                                                          \
		.name = text " namespace", .stage = STAGE_CLONE, .kind = text, .flag = (constant), \
		.within = (constant) == USER ? 0 : USER                                            \
	}

const struct trial trials[] = {
	NAMESPACE("user", CLONE_NEWUSER),
	NAMESPACE("mount", CLONE_NEWNS),
	NAMESPACE("pid", CLONE_NEWPID),
	NAMESPACE("ipc", CLONE_NEWIPC),
	NAMESPACE("uts", CLONE_NEWUTS),
	NAMESPACE("network", CLONE_NEWNET),
	NAMESPACE("cgroup", CLONE_NEWCGROUP),
	{"id maps", STAGE_MAP, .within = USER},
	{"identity in the namespace", STAGE_IDENTITY, STAGE_MAP, .within = USER, .body = identity},
	{"private mounts", STAGE_PRIVATE, STAGE_MAP, .within = MOUNTS, .body = root_isolate},
	{"tmpfs as a root", STAGE_ROOT, STAGE_PRIVATE, .within = MOUNTS, .body = new_root},
	{"read-only bind mounts", STAGE_BIND, STAGE_ROOT, .within = MOUNTS, .body = bind_mount},
	{"fresh /proc", STAGE_PROC, STAGE_ROOT, .within = PROCESSES, .body = fresh_proc},
	{"minimal /dev", STAGE_DEV, STAGE_ROOT, .within = MOUNTS, .body = minimal_dev},
	{"pivot_root", STAGE_PIVOT, STAGE_ROOT, .within = MOUNTS, .body = pivot},
	{"host name", STAGE_HOSTNAME, STAGE_MAP, .within = NAMES, .body = host_name},
	{"loopback device", STAGE_LOOPBACK, STAGE_MAP, .within = NETWORK,
		.body = network_raise_loopback},
	{"resource limits", STAGE_LIMITS, .body = limits},
	{"dropping privileges", STAGE_PRIVILEGES, STAGE_MAP, .within = USER,
		.body = privileges_drop},
	{"seccomp filter", STAGE_FILTER, .body = step_filter},
	{"confining of helpers", STAGE_CLONE, STAGE_PIVOT, .kind = "user", .body = helper},
	{"mount_setattr", STAGE_DONE, STAGE_PRIVATE, .within = MOUNTS, .body = copy_mounts,
		.without = "inputs are mounted in two steps each, a little slower (Linux 5.12 has "
			   "it)"},
	{"openat2", STAGE_DONE, .body = open_beneath,
		.without = "paths are walked in more system calls (Linux 5.6 has it)"},
	{"close_range", STAGE_DONE, .body = close_descriptors,
		.without = "descriptors are closed one by one (Linux 5.9 has it)"},
	{"Landlock scopes", STAGE_DONE, .body = scoped_sockets,
		.without = "steps with a network reach the host's abstract sockets (Linux 6.12 "
			   "with CONFIG_SECURITY_LANDLOCK, and 'landlock' in the lsm= of its "
			   "command line, keep them apart)"},
	{"memory of all processes", STAGE_DONE, .body = list_of_children,
		.without = "a step's limit on memory counts no processes but its first (a kernel "
			   "with CONFIG_PROC_CHILDREN tells of the others)"},
	{0},
};
