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
	int (*next)(int, const char *, int, ...) = dlsym(RTLD_NEXT, "openat64");
	const char *settings = getenv("HOST_SETTINGS"), prefix[] = "/proc/sys/";
	char other[4096];
	va_list args;

	va_start(args, flags);
	int mode = va_arg(args, int);
	va_end(args);
	if (settings && strncmp(path, prefix, strlen(prefix)) == 0) {
		snprintf(other, sizeof(other), "%s/%s", settings, path + strlen(prefix));
		path = access(other, R_OK) == 0 ? other : path;
	}
	return next(dirfd, path, flags, mode);
}

ssize_t
write(int fd, const void *data, size_t length)
{
	ssize_t (*next)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
	char link[32], target[4096] = "";
	static bool has_denied;
	bool is_once = denies("mapping") && entered > 1 && !has_denied;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if ((denies("maps") || is_once) && readlink(link, target, sizeof(target) - 1) > 0 &&
		ends_with(target, "id_map")) {
		has_denied = true;
		errno = EPERM;
		return -1;
	}
	return next(fd, data, length);
}

int
setns(int fd, int kind)
{
	int (*next)(int, int) = dlsym(RTLD_NEXT, "setns");

	entered++;
	if (denies("entering") || (denies("re-entering") && entered > 1)) {
		errno = EPERM;
		return -1;
	}
	if (denies("processes") && entered > 1) {
		errno = EAGAIN;
		return -1;
	}
	return next(fd, kind);
}

int
mount(const char *source, const char *target, const char *type, unsigned long flags,
	const void *data)
{
	int (*next)(const char *, const char *, const char *, unsigned long, const void *) =
		dlsym(RTLD_NEXT, "mount");

	if (denies("mounts")) {
		errno = EACCES;
		return -1;
	}
	return next(source, target, type, flags, data);
}
