/* SPDX-License-Identifier: MIT */
#include "command/interrupt.h"

#include "base/err.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t
watched(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

int
interrupt_open(struct err *err)
{
	sigset_t set = watched();

	sigprocmask(SIG_BLOCK, &set, NULL);
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_set(err, errno, "signalfd") : fd;
}

void
interrupt_explain(int fd, struct err *err)
{
	struct signalfd_siginfo info;

	if (err->status == STATUS_INTERRUPTED && read(fd, &info, sizeof(info)) == sizeof(info)) {
		err->status = (enum status)(128 + info.ssi_signo);
	}
}

void
interrupt_close(int fd)
{
	sigset_t set = watched();

	close(fd);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
