/* SPDX-License-Identifier: MIT */
#include "birth.h"

#include "cgroup.h"
#include "holder.h"
#include "idmap.h"
#include "reap.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static pid_t
give(const struct birth *birth, unsigned long flag)
{
	const unsigned long flags = birth->namespaces | flag;
	pid_t pid = birth->cgroup ? cgroup_clone(birth->cgroup, flags)
				  : (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, 0);

	if (pid == 0) {
		birth->body(birth->context);
	}
	return pid;
}

struct below {
	const struct birth *birth;
	pid_t pid;
	int number;
};

/* In the holder, whose child's maps only a process in there may write (user_namespaces(7)). */
static void
give_below(void *context)
{
	struct below *below = context;

	below->pid = give(below->birth, CLONE_PARENT);
	below->number = below->pid < 0 || idmap_write(below->pid) < 0 ? errno : 0;
}

/* As birth_give; mapped. */
static pid_t
give_in(int holder, const struct birth *birth)
{
	struct below below = {.birth = birth, .pid = -1};

	if (holder_enter(holder, give_below, &below) < 0) {
		return -1;
	}
	if (below.number && below.pid > 0) {
		reap_killed(below.pid);
	}
	errno = below.number;
	return below.number ? -1 : below.pid;
}

/* Will it not be so the next time? Then nobody keeps groups for it. */
static bool
is_passing(int number)
{
	return number == EAGAIN || number == ENOMEM;
}

pid_t
birth_give(const struct birth *birth, bool *ret_is_mapped)
{
	const struct holder *holder = holder_find();
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t pid = holder->fd >= 0 ? give_in(holder->fd, birth) : -1;
	*ret_is_mapped = pid > 0;
	if (pid < 0 && (holder->fd < 0 || !is_passing(errno))) {
		pid = give(birth, 0);
	}
	int number = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = number;
	return pid;
}
