/* SPDX-License-Identifier: MIT */
#include "child.h"

#include "assemble.h"
#include "dev.h"
#include "filter.h"
#include "network.h"
#include "pids.h"
#include "privileges.h"
#include "root.h"
#include "sandbox.h"
#include "stage.h"
#include "title.h"

#include "base/descriptors.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void
report(const struct child *child, const struct record *record)
{
	/* Nobody is left to tell where this fails. */
	ssize_t ignored = write(child->report, record, sizeof(*record));
	(void)ignored;
}

_Noreturn static void
give_up(const struct child *child, enum stage stage, uint32_t mount)
{
	struct record record = {
		.kind = RECORD_FAILED, .stage = stage, .number = errno, .mount = mount};

	report(child, &record);
	_exit(127);
}

/* Closes everything but stdio and what is ours. */
static void
close_inherited(const struct child *child)
{
	const int keep[] = {child->go, child->report, child->output, child->terminal, child->life};
	const size_t count = sizeof(keep) / sizeof(*keep);

	for (unsigned from = 3;;) {
		unsigned least = ~0U;
		for (size_t i = 0; i < count; i++) {
			unsigned fd = (unsigned)keep[i]; /* -1: past all others */
			least = fd >= from && fd < least ? fd : least;
		}
		if (least == ~0U) {
			descriptors_close(from, ~0U);
			return;
		}
		if (least > from) {
			descriptors_close(from, least - 1);
		}
		from = least + 1;
	}
}

/* The parent answers only after it has heard of us, so it was alive after PDEATHSIG was set: no
 * moment is left in which its death goes unnoticed. */
static void
wait_for_parent(const struct child *child)
{
	struct record ready = {.kind = RECORD_READY};
	char byte;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) {
		give_up(child, STAGE_CLONE, STAGE_NO_MOUNT);
	}
	report(child, &ready);
	if (read(child->go, &byte, 1) != 1) {
		_exit(127);
	}
	close(child->go);
	/* What it shows of the step's group is "/", as where the step has none. */
	if (child->has_cgroup && unshare(CLONE_NEWCGROUP) < 0) {
		give_up(child, STAGE_CLONE, STAGE_NO_MOUNT);
	}
}

/* From the first moment, so that nothing that is opened later gets one of these numbers. */
static void
set_stdio(const struct child *child)
{
	for (int fd = 0; fd < 3; fd++) {
		if (dup2(child->output, fd) < 0) {
			give_up(child, STAGE_FORK, STAGE_NO_MOUNT);
		}
	}
	close(child->output);
}

static void
set_stdin(const struct child *child, int root)
{
	cleanup_fd int null = dev_open_null(root);

	if (null < 0 || dup2(null, 0) < 0) {
		give_up(child, STAGE_DEV, STAGE_NO_MOUNT);
	}
}

static void
make_root(const struct child *child)
{
	const struct sandbox_spec *spec = child->spec;

	if (root_isolate() < 0) {
		give_up(child, STAGE_PRIVATE, STAGE_NO_MOUNT);
	}
	cleanup_fd int root = root_begin();
	if (root < 0) {
		give_up(child, STAGE_ROOT, STAGE_NO_MOUNT);
	}
	for (size_t i = 0; i < spec->mount_count; i++) {
		enum stage stage = assemble_mount(root, &spec->mounts[i]);
		if (stage != STAGE_DONE) {
			give_up(child, stage, (uint32_t)i);
		}
	}
	set_stdin(child, root);
	pids_limit(spec->limits.processes);
	if (root_seal(root) < 0 || root_enter(root) < 0) {
		give_up(child, STAGE_PIVOT, STAGE_NO_MOUNT);
	}
}

static void
set_names(const struct child *child)
{
	const char *name = child->spec->hostname ? child->spec->hostname : "brun";

	if (sethostname(name, strlen(name)) < 0 || setdomainname("(none)", 6) < 0) {
		give_up(child, STAGE_HOSTNAME, STAGE_NO_MOUNT);
	}
	if (!child->spec->network && network_raise_loopback() < 0) {
		give_up(child, STAGE_LOOPBACK, STAGE_NO_MOUNT);
	}
}

static void
lose_privileges(const struct child *child)
{
	if (privileges_set_limits(&child->spec->limits) < 0) {
		give_up(child, STAGE_LIMITS, STAGE_NO_MOUNT);
	}
	/* Only now: a store may lie where nothing but a group of the caller's leads to. */
	if (privileges_leave_groups() < 0) {
		give_up(child, STAGE_IDENTITY, STAGE_NO_MOUNT);
	}
	/* Not dumpable: /proc/1 shows the step neither our environment nor our descriptors. */
	if (privileges_drop() < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
		give_up(child, STAGE_PRIVILEGES, STAGE_NO_MOUNT);
	}
	if (child->spec->network && network_scope_abstract_sockets() < 0) {
		give_up(child, STAGE_PRIVILEGES, STAGE_NO_MOUNT);
	}
	if (chdir(child->spec->cwd) < 0) {
		give_up(child, STAGE_CWD, STAGE_NO_MOUNT);
	}
	if (filter_apply(child->filter) < 0) {
		give_up(child, STAGE_FILTER, STAGE_NO_MOUNT);
	}
}

static int
take_terminal(int terminal)
{
	for (int fd = 0; fd < 3; fd++) {
		if (dup2(terminal, fd) < 0) {
			return -1;
		}
	}
	return ioctl(0, TIOCSCTTY, 0);
}

/* Shares our memory until the exec, so it costs no copy of it. */
static pid_t
start_program(const struct child *child)
{
	const struct sandbox_spec *spec = child->spec;
	pid_t pid = vfork();

	if (pid != 0) {
		return pid;
	}
	if (child->is_probe) {
		_exit(0);
	}
	if (setsid() < 0 || (!child->has_cgroup && privileges_limit_memory(&spec->limits) < 0)) {
		give_up(child, STAGE_LIMITS, STAGE_NO_MOUNT);
	}
	if (child->terminal >= 0 && take_terminal(child->terminal) < 0) {
		give_up(child, STAGE_FORK, STAGE_NO_MOUNT);
	}
	/* All are O_CLOEXEC already; the report pipe must live until the exec has worked. */
	descriptors_close(3, (unsigned)child->report - 1);
	descriptors_close((unsigned)child->report + 1, ~0U);
	execve(spec->argv[0], (char *const *)spec->argv, (char *const *)spec->env);
	give_up(child, STAGE_EXEC, STAGE_NO_MOUNT);
}

/* Reaps whatever comes by until the program has ended; its status. */
static int
wait_for_program(pid_t program)
{
	int status;

	for (;;) {
		pid_t pid = wait4(-1, &status, __WALL, NULL);
		if (pid == program && (WIFEXITED(status) || WIFSIGNALED(status))) {
			return status;
		}
	}
}

void
child_run(const void *context)
{
	const struct child *child = context;
	struct record ended = {.kind = RECORD_ENDED, .mount = STAGE_NO_MOUNT};
	struct rusage usage;
	struct title title;

	if (privileges_reset_signals() < 0) {
		give_up(child, STAGE_LIMITS, STAGE_NO_MOUNT);
	}
	umask(022); /* the step's, and that of the root that is put together */
	close_inherited(child);
	set_stdio(child);
	wait_for_parent(child);
	title_find(&title);
	if (setsid() < 0) {
		give_up(child, STAGE_IDENTITY, STAGE_NO_MOUNT);
	}
	if (privileges_become_user() < 0) {
		give_up(child, STAGE_IDENTITY, STAGE_NO_MOUNT);
	}
	make_root(child);
	set_names(child);
	lose_privileges(child);
	title_set(&title, "brun"); /* /proc/1/cmdline is for all to read, whatever is dumpable */
	pid_t program = start_program(child);
	if (program < 0) {
		give_up(child, STAGE_FORK, STAGE_NO_MOUNT);
	}
	ended.number = wait_for_program(program);
	if (getrusage(RUSAGE_CHILDREN, &usage) == 0) {
		ended.peak_memory = (uint64_t)usage.ru_maxrss * 1024;
	}
	report(child, &ended);
	_exit(0);
}
