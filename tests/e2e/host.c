/* SPDX-License-Identifier: MIT */
/* A library to preload: a host whose settings, and whose security module, are other ones.
 *
 *	HOST_SETTINGS=DIR   what is read below /proc/sys comes from DIR where that has it
 *	HOST_DENIES=WHAT    "maps": namespaces are made, but their id maps can't be written (EPERM);
 *	                    "mounts": but nothing can be mounted (EACCES); as AppArmor of
 *	                    Ubuntu 24.04 does
 *	                    "mapping": but once, after a namespace was entered twice
 *	                    "entering": no namespace can be entered (EPERM); "re-entering": but
 *	                    the first time
 *	                    "processes": none can be made any more once a namespace was entered
 *	                    twice (EAGAIN) */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static struct {
	int (*openat)(int, const char *, int, ...);
	ssize_t (*write)(int, const void *, size_t);
	int (*setns)(int, int);
	int (*mount)(const char *, const char *, const char *, unsigned long, const void *);
} real;

/* Before there is a second thread: looking for a name takes a lock, which a copy of the process
 * that another thread makes meanwhile would find taken for ever. */
__attribute__((constructor)) static void
find_real(void)
{
	real.write = dlsym(RTLD_NEXT, "write");
	real.setns = dlsym(RTLD_NEXT, "setns");
	real.mount = dlsym(RTLD_NEXT, "mount");
	real.openat = dlsym(RTLD_NEXT, "openat64");
}

/* Another library may begin before this one. */
static void
be_ready(void)
{
	if (!real.openat) {
		find_real();
	}
}

static bool
denies(const char *what)
{
	const char *denied = getenv("HOST_DENIES");

	return denied && strcmp(denied, what) == 0;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* How often a namespace was entered; a process that shares this memory counts, too. */
static int entered;

int
openat(int dirfd, const char *path, int flags, ...)
{
	const char *settings = getenv("HOST_SETTINGS"), prefix[] = "/proc/sys/";
	char other[4096];
	va_list args;

	be_ready();
	va_start(args, flags);
	int mode = va_arg(args, int);
	va_end(args);
	if (settings && strncmp(path, prefix, strlen(prefix)) == 0) {
		snprintf(other, sizeof(other), "%s/%s", settings, path + strlen(prefix));
		path = access(other, R_OK) == 0 ? other : path;
	}
	return real.openat(dirfd, path, flags, mode);
}

ssize_t
write(int fd, const void *data, size_t length)
{
	char link[32], target[4096] = "";
	static bool has_denied;
	bool is_once = denies("mapping") && entered > 1 && !has_denied;

	be_ready();
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if ((denies("maps") || is_once) && readlink(link, target, sizeof(target) - 1) > 0 &&
		ends_with(target, "id_map")) {
		has_denied = true;
		errno = EPERM;
		return -1;
	}
	return real.write(fd, data, length);
}

int
setns(int fd, int kind)
{
	be_ready();
	entered++;
	if (denies("entering") || (denies("re-entering") && entered > 1)) {
		errno = EPERM;
		return -1;
	}
	if (denies("processes") && entered > 1) {
		errno = EAGAIN;
		return -1;
	}
	return real.setns(fd, kind);
}

int
mount(const char *source, const char *target, const char *type, unsigned long flags,
	const void *data)
{
	be_ready();
	if (denies("mounts")) {
		errno = EACCES;
		return -1;
	}
	return real.mount(source, target, type, flags, data);
}
