/* SPDX-License-Identifier: MIT */
#include "build/terminal.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

struct terminal {
	int master, slave;
	int resized;		/* a signalfd of SIGWINCH */
	struct termios outside; /* as it was before */
	pthread_t thread;
	bool is_input_closed;
	char typed[4096]; /* not taken by the program yet */
	size_t typed_length;
};

static sigset_t
resize_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	return set;
}

static void
copy_size(int to)
{
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
		(void)ioctl(to, TIOCSWINSZ, &size);
	}
}

static void
take_typed(struct terminal *terminal)
{
	ssize_t got = read(STDIN_FILENO, terminal->typed, sizeof(terminal->typed));

	terminal->is_input_closed = got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
	terminal->typed_length = got > 0 ? (size_t)got : 0;
}

static void
pass_typed(struct terminal *terminal)
{
	ssize_t put = write(terminal->master, terminal->typed, terminal->typed_length);

	if (put > 0) {
		terminal->typed_length -= (size_t)put;
		memmove(terminal->typed, terminal->typed + put, terminal->typed_length);
	}
}

/* False at the end: nobody has the program's side open any more, and all of it was read (EIO). */
static bool
show(const struct terminal *terminal)
{
	char text[4096];
	ssize_t got = read(terminal->master, text, sizeof(text));

	if (got > 0) {
		(void)fs_write_all(STDOUT_FILENO, text, (size_t)got, NULL);
		return true;
	}
	return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static void
resize(const struct terminal *terminal)
{
	struct signalfd_siginfo info;

	if (read(terminal->resized, &info, sizeof(info)) == sizeof(info)) {
		copy_size(terminal->master);
	}
}

static void *
relay(void *context)
{
	struct terminal *terminal = context;

	for (;;) {
		bool is_full = terminal->typed_length > 0;
		struct pollfd polled[] = {
			{.fd = terminal->master, .events = is_full ? POLLIN | POLLOUT : POLLIN},
			{.fd = is_full || terminal->is_input_closed ? -1 : STDIN_FILENO,
				.events = POLLIN},
			{.fd = terminal->resized, .events = POLLIN},
		};
		if (poll(polled, 3, -1) < 0) {
			continue; /* EINTR */
		}
		if (polled[2].revents) {
			resize(terminal);
		}
		if (polled[1].revents) {
			take_typed(terminal);
		}
		if (polled[0].revents & POLLOUT) {
			pass_typed(terminal);
		}
		if (polled[0].revents & ~POLLOUT && !show(terminal)) {
			return NULL;
		}
	}
}

static int
make_pair(struct terminal *terminal, struct err *err)
{
	terminal->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (terminal->master < 0 || grantpt(terminal->master) < 0 ||
		unlockpt(terminal->master) < 0) {
		return err_set(err, errno, "make a pseudo-terminal");
	}
	/* ioctl_tty(2): wherever, and whether at all, a devpts is mounted here */
	terminal->slave = ioctl(terminal->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return terminal->slave < 0 ? err_set(err, errno, "open the pseudo-terminal") : 0;
}

static int
turn_raw(struct terminal *terminal, struct err *err)
{
	if (tcgetattr(STDIN_FILENO, &terminal->outside) < 0) {
		return err_set(err, errno, "read the terminal's settings");
	}
	struct termios raw = terminal->outside;
	copy_size(terminal->slave);
	(void)tcsetattr(terminal->slave, TCSANOW, &terminal->outside);
	cfmakeraw(&raw);
	return tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0
		       ? err_set(err, errno, "change the terminal's settings")
		       : 0;
}

/* The thread takes no signals: a program that sends itself SIGTERM goes on to be stopped by it. */
static int
start(struct terminal *terminal, struct err *err)
{
	sigset_t resized = resize_signal(), all, before;

	sigprocmask(SIG_BLOCK, &resized, NULL);
	terminal->resized = signalfd(-1, &resized, SFD_CLOEXEC | SFD_NONBLOCK);
	if (terminal->resized < 0) {
		return err_set(err, errno, "signalfd");
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int number = pthread_create(&terminal->thread, NULL, relay, terminal);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return number ? err_set(err, number, "start a thread") : 0;
}

static void
restore(struct terminal *terminal)
{
	sigset_t resized = resize_signal();

	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->outside);
	sigprocmask(SIG_UNBLOCK, &resized, NULL);
}

static void
terminal_free(struct terminal *terminal)
{
	fs_close_slot(&terminal->master);
	fs_close_slot(&terminal->slave);
	fs_close_slot(&terminal->resized);
	free(terminal);
}

int
terminal_open(struct terminal **ret_terminal, struct err *err)
{
	struct terminal *terminal = mem_zalloc(1, sizeof(*terminal));

	terminal->master = terminal->slave = terminal->resized = -1;
	if (make_pair(terminal, err) < 0 || turn_raw(terminal, err) < 0) {
		terminal_free(terminal);
		return -1;
	}
	if (start(terminal, err) < 0) {
		restore(terminal);
		terminal_free(terminal);
		return -1;
	}
	*ret_terminal = terminal;
	return 0;
}

const int *
terminal_fd(const struct terminal *terminal)
{
	return &terminal->slave;
}

void
terminal_close(struct terminal *terminal)
{
	fs_close_slot(&terminal->slave);
	terminal->slave = -1;
	pthread_join(terminal->thread, NULL);
	restore(terminal);
	terminal_free(terminal);
}
