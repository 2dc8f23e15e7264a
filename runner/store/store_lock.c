/* SPDX-License-Identifier: MIT */
/* One lock an action: flock(2) on locks/HEX, whose text is "PID HEX\n" while it is held. The kernel
 * drops the lock of a killed owner. The file is unlinked by whoever holds its lock, so a lock
 * counts only if the file still has its name afterwards. */
#include "store/store_lock.h"

#include "base/err.h"
#include "base/fs.h"
#include "store/disk.h"
#include "store/store_room.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* flock has no descriptor that poll could watch: it is tried again at these intervals. */
enum { FIRST_WAIT_MS = 10, LONGEST_WAIT_MS = 200 };

static int
owner_of(int fd)
{
	char text[32] = "";
	ssize_t length = pread(fd, text, sizeof(text) - 1, 0);

	return length > 0 ? atoi(text) : 0;
}

int
store_explain_flock(const struct store *store, struct err *err)
{
	err_set(err, errno, "flock in the store '%s'", store->path);
	return err_hint(err,
		"without locks runs would get in each other's way: set BRUN_STORE to a directory on "
		"a local disk (on NFS: mount without nolock)");
}

int
store_lock_new(struct store *store, const char *path, int flags, struct err *err)
{
	struct stat st;
	cleanup_fd int fd = openat(
		store->fd, path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | flags, 0600);

	if (fd < 0) {
		return errno == EEXIST ? STORE_LOCK_TAKEN
				       : err_set(err, errno, "create '%s/%s'", store->path, path);
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK) {
			return STORE_LOCK_TAKEN; /* a clean-up has it, and removes it */
		}
		(void)store_explain_flock(store, err);
		(void)unlinkat(store->fd, path, 0);
		return -1;
	}
	return fstat(fd, &st) == 0 && st.st_nlink > 0 ? steal_fd(fd) : STORE_LOCK_TAKEN;
}

/* 1: we have it, 0: another has it, -1: err. ENOENT: its file is gone, open it anew. */
static int
try_lock(const struct store *store, int fd, struct err *err)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		return errno == EWOULDBLOCK || errno == EINTR ? 0 : store_explain_flock(store, err);
	}
	if (fstat(fd, &st) < 0) {
		return err_set(err, errno, "stat");
	}
	return st.st_nlink ? 1 : err_set(err, ENOENT, "lock");
}

static int
nap(int cancel_fd, int milliseconds, struct err *err)
{
	struct pollfd cancel = {.fd = cancel_fd, .events = POLLIN};

	if (poll(&cancel, 1, milliseconds) > 0 && cancel.revents) {
		return err_fail(err, STATUS_INTERRUPTED, "stopped while waiting for another brun");
	}
	return 0;
}

static int
write_owner(int fd, const char *hex, struct err *err)
{
	char text[32 + DIGEST_HEX];
	int length = snprintf(text, sizeof(text), "%d %s\n", (int)getpid(), hex);

	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)length, 0) != length) {
		return err_set(err, errno, "write lock");
	}
	return 0;
}

struct waiter {
	int cancel_fd;
	void (*waiting)(void *context, int pid);
	void *context;
	bool has_told;
	int wait_ms;
};

/* Waits for the lock of this open file: 1 taken, 0 its file is gone, -1 err. */
static int
wait_for(const struct store *store, int fd, struct waiter *waiter, struct err *err)
{
	for (;;) {
		struct err why = {0};
		int result = try_lock(store, fd, &why);
		if (result < 0 && why.number == ENOENT) {
			return 0;
		}
		if (result != 0) {
			if (result < 0 && err) {
				*err = why;
			}
			return result;
		}
		if (!waiter->has_told && waiter->waiting) {
			waiter->waiting(waiter->context, owner_of(fd));
		}
		waiter->has_told = true;
		if (nap(waiter->cancel_fd, waiter->wait_ms, err) < 0) {
			return -1;
		}
		waiter->wait_ms = waiter->wait_ms * 2 < LONGEST_WAIT_MS ? waiter->wait_ms * 2
									: LONGEST_WAIT_MS;
	}
}

int
store_lock(struct store *store, const struct digest *key, int cancel_fd,
	void (*waiting)(void *context, int pid), void *context, int *ret_lock, struct err *err)
{
	struct store_name name = store_name("locks", key, "");
	struct waiter waiter = {.cancel_fd = cancel_fd,
		.waiting = waiting,
		.context = context,
		.wait_ms = FIRST_WAIT_MS};

	for (;;) {
		cleanup_fd int fd = openat(
			store->fd, name.text, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0) {
			err_set(err, errno, "open lock '%s/%s'", store->path, name.text);
			return disk_explain(store->fd, err);
		}
		int result = wait_for(store, fd, &waiter, err);
		if (result < 0) {
			return -1;
		}
		if (result > 0) {
			if (write_owner(fd, name.text + strlen("locks/"), err) < 0) {
				err_wrap(err, "'%s/%s'", store->path, name.text);
				return disk_explain(store->fd, err);
			}
			*ret_lock = steal_fd(fd);
			return 0;
		}
	}
}

bool
store_is_locked(struct store *store, const struct digest *key)
{
	struct store_name name = store_name("locks", key, "");
	cleanup_fd int fd = openat(store->fd, name.text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;
}

int
store_lock_whole(struct store *store, int cancel_fd, void (*waiting)(void *context, int pid),
	void *context, int *ret_lock, struct err *err)
{
	static const char name[] = "the whole store";
	const struct digest key = sha256_of(name, sizeof(name) - 1);

	return store_lock(store, &key, cancel_fd, waiting, context, ret_lock, err);
}

void
store_unlock(struct store *store, int lock)
{
	char text[32 + DIGEST_HEX] = "", path[96];
	ssize_t length = pread(lock, text, sizeof(text) - 1, 0);
	char *hex = length > 0 ? strchr(text, ' ') : NULL;
	struct digest digest;

	if (hex) {
		hex[1 + strcspn(hex + 1, "\n")] = '\0';
		if (digest_parse(hex + 1, &digest)) {
			snprintf(path, sizeof(path), "locks/%s", hex + 1);
			(void)unlinkat(store->fd, path, 0);
		}
	}
	/* Said aloud: a child that another thread forked may hold a copy of the descriptor. */
	(void)flock(lock, LOCK_UN);
	close(lock);
}
