/* SPDX-License-Identifier: MIT */
/* tmp/NAME is a run's private directory, tmp/NAME.lock the file whose flock says that the run is
 * alive. The lock file comes first and goes last, so a directory without one is nobody's. */
#include "store/store_tmp.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/random.h"
#include "store/disk.h"
#include "store/store_room.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char lock_suffix[] = ".lock";

/* A second in all; a process that SIGKILL has hit takes some milliseconds. */
enum { DYING_TRIES = 100, FORKED_TRIES = 25, DYING_MS = 10 };

/* A locked, named lock file; *ret_name is what its directory is to be called. */
static int
take_name(struct store *store, char **ret_name, struct err *err)
{
	for (;;) {
		cleanup_free char *name =
			mem_printf("tmp/%d-%016" PRIx64, (int)getpid(), random_number());
		cleanup_free char *lock = mem_printf("%s%s", name, lock_suffix);
		int fd = store_lock_new(store, lock, 0, err);
		if (fd != STORE_LOCK_TAKEN) {
			*ret_name = fd >= 0 ? steal(name) : NULL;
			return fd;
		}
	}
}

int
store_tmp_new(struct store *store, struct store_tmp *ret_tmp, struct err *err)
{
	cleanup_free char *name = NULL;
	cleanup_fd int lock = take_name(store, &name, err);

	if (lock < 0) {
		return disk_explain(store->fd, err);
	}
	if (mkdirat(store->fd, name, 0700) < 0) {
		err_set(err, errno, "mkdir '%s/%s'", store->path, name);
		return disk_explain(store->fd, err);
	}
	int fd = fs_open_dir(store->fd, name, err);
	if (fd < 0) {
		return -1;
	}
	ret_tmp->path = mem_printf("%s/%s", store->path, name);
	ret_tmp->fd = fd;
	ret_tmp->lock_fd = steal_fd(lock);
	return 0;
}

int
store_tmp_dir(const struct store_tmp *tmp, const char *name, struct err *err)
{
	return fs_mkdirs_at(tmp->fd, name, 0755, err) < 0 ? -1 : fs_open_dir(tmp->fd, name, err);
}

void
store_tmp_free(struct store *store, struct store_tmp *tmp)
{
	if (!tmp->path) {
		return;
	}
	const char *name = tmp->path + strlen(store->path) + 1;
	cleanup_free char *lock = mem_printf("%s%s", name, lock_suffix);

	fs_close_slot(&tmp->fd);
	/* What can't be removed now is left without a lock, for the next clean-up. */
	if (fs_remove_at(store->fd, name, NULL) == 0) {
		(void)unlinkat(store->fd, lock, 0);
	}
	(void)flock(tmp->lock_fd, LOCK_UN);
	fs_close_slot(&tmp->lock_fd);
	free(tmp->path);
	*tmp = (struct store_tmp){.fd = -1, .lock_fd = -1};
}

/* What a killed run had started (a helper, a step) dies with it, but not at once: for a moment it
 * may fill again what is being emptied. It can't be waited for: a step holds no descriptor of ours,
 * so none of our locks. */
static int
remove_dying(int dir, const char *name, struct err *err)
{
	struct err why = {0};
	int result = fs_remove_at(dir, name, &why);

	for (int tries = 0; result < 0 && why.number == ENOTEMPTY && tries < DYING_TRIES; tries++) {
		(void)poll(NULL, 0, DYING_MS);
		result = fs_remove_at(dir, name, &why);
	}
	if (result < 0 && err) {
		*err = why;
	}
	return result;
}

/* Takes the lock of a run that is not alive. What a killed run had forked and not yet executed
 * holds a copy of it for a moment, so where the process that NAME starts with is gone the lock is
 * worth a short wait (short, for it may live in another pid namespace). */
static bool
take_dead(int fd, const char *name)
{
	bool is_gone = kill((pid_t)atoi(name), 0) < 0 && errno == ESRCH;

	for (int tries = is_gone ? FORKED_TRIES : 0; flock(fd, LOCK_EX | LOCK_NB) < 0; tries--) {
		if (tries <= 0) {
			return false;
		}
		(void)poll(NULL, 0, DYING_MS);
	}
	return true;
}

/* Removes tmp/NAME, whose lock file (or its absence) is found by name, unless its run lives. */
static int
clean_name(int dir, const char *name, struct err *err)
{
	cleanup_free char *lock = mem_printf("%s%s", name, lock_suffix);
	cleanup_fd int fd = openat(dir, lock, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno != ENOENT) {
		return err_set(err, errno, "open '%s'", lock);
	}
	if (fd >= 0 && !take_dead(fd, name)) {
		return 0;
	}
	if (remove_dying(dir, name, err) < 0) {
		return -1;
	}
	return fd >= 0 && unlinkat(dir, lock, 0) < 0 && errno != ENOENT
		       ? err_set(err, errno, "remove '%s'", lock)
		       : 0;
}

static int
clean_tmp(int dir, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t count;

	if (fs_list_dir(dir, &names, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		char *suffix = strrchr(names[i], '.');
		if (suffix && strcmp(suffix, lock_suffix) == 0) {
			*suffix = '\0';
		}
		if (clean_name(dir, names[i], err) < 0) {
			return -1;
		}
	}
	return 0;
}

static bool
has_name(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

/* A lock that can be had is a killed run's, or about to be taken: its taker notices. */
static int
clean_locks(int dir, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t count;

	if (fs_list_dir(dir, &names, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		cleanup_fd int fd = openat(dir, names[i], O_RDWR | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && has_name(fd)) {
			(void)unlinkat(dir, names[i], 0);
			(void)flock(fd, LOCK_UN);
		}
	}
	return 0;
}

int
store_clean(struct store *store, struct err *err)
{
	static const struct {
		const char *folder;
		int (*clean)(int dir, struct err *err);
	} parts[] = {{"tmp", clean_tmp}, {"locks", clean_locks}};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		cleanup_fd int dir = fs_open_dir(store->fd, parts[i].folder, err);
		if (dir < 0 || parts[i].clean(dir, err) < 0) {
			return err_wrap(err, "cleaning '%s/%s'", store->path, parts[i].folder);
		}
	}
	return 0;
}
