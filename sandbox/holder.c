/* SPDX-License-Identifier: MIT */
#include "holder.h"

#include "idmap.h"
#include "newgidmap.h"
#include "privileges.h"
#include "reap.h"
#include "subgid.h"

#include "base/buf.h"
#include "base/descriptors.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Below which a step's first process begins on a copy of the caller's stack: what it takes there is
 * a quarter of this at most. */
enum { STACK = 128 << 10 };

static struct holder found = {.fd = -1};

struct entry {
	int fd;
	void (*body)(void *context);
	void *context;
	int number;
};

static int
enter(void *argument)
{
	struct entry *entry = argument;

	if (setns(entry->fd, CLONE_NEWUSER) < 0) {
		entry->number = errno;
	} else {
		entry->body(entry->context);
	}
	return 0;
}

int
holder_enter(int fd, void (*body)(void *context), void *context)
{
	struct entry entry = {.fd = fd, .body = body, .context = context};
	_Alignas(16) char stack[STACK];

	/* Its frames lie below ours, which it therefore can't spoil (as after a plain vfork(2)). No
	 * exit signal, as the process has none that is made in there: with CLONE_PARENT it gets
	 * that of its maker. */
	pid_t pid = clone(enter, stack + STACK, CLONE_VM | CLONE_VFORK, &entry);
	int number = pid < 0 ? errno : entry.number;
	if (pid > 0) {
		reap(pid);
	}
	errno = number;
	return number ? -1 : 0;
}

/* Is there any group but the own one, which a step keeps as its own? */
static bool
has_groups(void)
{
	int count = getgroups(0, NULL);

	if (count <= 0) {
		return false;
	}
	cleanup_free gid_t *groups = mem_zalloc((size_t)count, sizeof(*groups));
	count = getgroups(count, groups);
	for (int i = 0; i < count; i++) {
		if (groups[i] != getegid()) {
			return true;
		}
	}
	return false;
}

/* What the user namespace belongs to until somebody else holds it. */
_Noreturn static void
stay(int until)
{
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (until > 3) {
		descriptors_close(3, (unsigned)until - 1);
	}
	descriptors_close(until < 3 ? 3 : (unsigned)until + 1, ~0U);
	/* Also where the parent was gone before that: it alone has the other end. */
	ssize_t ignored = read(until, &byte, 1);
	(void)ignored;
	_exit(0);
}

static void
leave_groups(void *context)
{
	int *number = context;

	*number = syscall(SYS_setgroups, 0, NULL) < 0 ? errno : 0;
}

/* 0 where groups can be left in it; else an errno. */
static int
try_to_leave(int fd)
{
	int number = 0;

	return holder_enter(fd, leave_groups, &number) < 0 ? errno : number;
}

/* Maps the ids of the process, whose namespace it is, and tries it: the descriptor; or -1 and
 * errno, and maybe words. */
static int
open_mapped(const char *program, pid_t pid, gid_t other, struct buf *words)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || idmap_write_own_user(pid) < 0) {
		return -1;
	}
	newgidmap_run(program, pid, other, words);
	errno = try_to_leave(fd);
	return errno ? -1 : steal_fd(fd);
}

static int
make(const char *program, gid_t other, struct buf *words)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return -1;
	}
	cleanup_fd int until = ends[0];
	cleanup_fd int life = ends[1];
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER, NULL, NULL, NULL, 0);
	if (pid == 0) {
		stay(until);
	}
	if (pid < 0) {
		return -1;
	}
	int fd = open_mapped(program, pid, other, words);
	int number = errno;
	reap_killed(pid);
	errno = number;
	return fd;
}

static void
advise_ids(const char *name, const struct subgid *subgid, struct err *advice)
{
	enum { MANY = 65536 }; /* as useradd(8) gives */

	err_hint(advice, "as root: %susermod --add-subgids %llu-%llu %s",
		subgid->has_file ? "" : "touch /etc/subgid && ", (unsigned long long)subgid->free,
		(unsigned long long)subgid->free + MANY - 1, name);
}

static void
advise_program(struct err *advice)
{
	err_hint(advice,
		"as root: apt-get install uidmap (Debian, Ubuntu), dnf install shadow-utils "
		"(Fedora), zypper install shadow (openSUSE), pacman -S shadow (Arch), apk add "
		"shadow-uidmap (Alpine)");
}

/* newgidmap's own words, its last newline left out, or the kernel's. */
static char *
explain(const struct passwd *user, struct buf *words, int number, struct err *advice)
{
	const char *said = buf_text(words);

	if (user->pw_gid != getegid()) {
		err_hint(advice,
			"newgidmap knows user %s in group %u only, which passwd(5) gives to it",
			user->pw_name, user->pw_gid);
	} else {
		err_hint(advice, "newgidmap has no privilege under no_new_privs, and gives no more "
				 "than a container around this process was given");
	}
	return *said ? mem_printf("%.*s", (int)strcspn(said, "\n"), said)
		     : mem_printf("newgidmap leaves no way to: %s", strerrordesc_np(number));
}

/* The problem; NULL where the holder is there. */
static char *
find_with(const struct passwd *user, struct err *advice)
{
	const char *program = newgidmap_find();
	cleanup_buf struct buf words = {0};
	struct subgid subgid;

	subgid_find(user->pw_name, user->pw_uid, getegid(), &subgid);
	if (!program) {
		advise_program(advice);
	}
	if (!subgid.has_any) {
		advise_ids(user->pw_name, &subgid, advice);
	}
	if (!program || !subgid.has_any) {
		return mem_printf("%s%s%s%s", program ? "" : "newgidmap is not installed",
			program || subgid.has_any ? "" : ", and ",
			subgid.has_any ? "" : "/etc/subgid has no group ids for ",
			subgid.has_any ? "" : user->pw_name);
	}
	found.fd = make(program, subgid.any, &words);
	return found.fd < 0 ? explain(user, &words, errno, advice) : NULL;
}

/* Does a call of this caller's own do it? Where not, it would have told so before it looked at the
 * number (kernel/groups.c). */
static bool
may_set_groups(void)
{
	return syscall(SYS_setgroups, -1, NULL) < 0 && errno == EINVAL;
}

static void
find(void)
{
	struct err advice = {0};
	sigset_t all, before;
	char room[16384];
	struct passwd entry, *user = NULL;

	found.advice = "";
	if (may_set_groups() || !has_groups()) {
		return;
	}
	if (privileges_are_groups_given_up()) {
		found.problem = "the user namespace around this process was made without the right "
				"to change groups";
		found.advice = "start brun outside of it (of unshare -r, of bwrap)";
		return;
	}
	(void)getpwuid_r(geteuid(), &entry, room, sizeof(room), &user);
	if (!user) {
		found.problem = "this user has no entry in passwd(5), so newgidmap gives it no ids";
		return;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	found.problem = find_with(user, &advice);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	found.advice = mem_strdup(advice.text);
}

const struct holder *
holder_find(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find);
	return &found;
}
