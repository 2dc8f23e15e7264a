/* SPDX-License-Identifier: MIT */
/* Beside DIR/NAME, directories are staged as DIR/.NAME.brun-HEX, each with a flock on it while
 * its run lives. After the exchange that name holds what stood in the place before. */
#include "store/site.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/random.h"
#include "store/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int
split(const char *path, struct site *site, struct err *err)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/') {
		length--;
	}
	site->path = mem_strndup(path, length);
	char *slash = strrchr(site->path, '/');
	site->name = mem_strdup(slash ? slash + 1 : site->path);
	if (!*site->name || strcmp(site->name, ".") == 0 || strcmp(site->name, "..") == 0) {
		err_fail(err, STATUS_USAGE, "'%s' cannot be an output directory", path);
		return err_hint(err, "name a directory that brun may make or replace as a whole");
	}
	return 0;
}

static int
open_parent(struct site *site, struct err *err)
{
	const char *slash = strrchr(site->path, '/');
	cleanup_free char *parent = !slash ? mem_strdup(".")
				    : slash == site->path
					    ? mem_strdup("/")
					    : mem_strndup(site->path, (size_t)(slash - site->path));

	site->parent = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (site->parent < 0 && errno == ENOENT) {
		err_fail(err, STATUS_USAGE, "the output's parent directory '%s' does not exist",
			parent);
		return err_hint(err, "make it first: mkdir -p '%s'", parent);
	}
	if (site->parent < 0 || faccessat(site->parent, ".", W_OK | X_OK, AT_EACCESS) < 0) {
		return err_fail(err, STATUS_USAGE,
			"the output's parent directory '%s' cannot be written to: %s", parent,
			strerrordesc_np(errno));
	}
	return 0;
}

/* Does the name still lead to the open directory? */
static bool
is_still_there(const struct site *site, int fd)
{
	struct stat open_st, named;

	return fstat(fd, &open_st) == 0 &&
	       fstatat(site->parent, site->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       open_st.st_dev == named.st_dev && open_st.st_ino == named.st_ino;
}

static bool
is_of_ours_or_roots(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_uid == geteuid() || st.st_uid == 0);
}

/* 0, -1 and err, or 1: another run has swapped the directory away while we looked, and empties
 * it now: look again. */
static int
look_inside(struct site *site, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t count = 0;
	cleanup_fd int fd = fs_open_dir(site->parent, site->name, err);

	if (fd < 0 || fs_list_dir(fd, &names, &count, err) < 0) {
		return err_wrap(err, "looking at the output '%s'", site->path);
	}
	site->state = stamp_read(fd, &site->id) ? SITE_OURS
		      : count == 0		? SITE_EMPTY
						: SITE_FOREIGN;
	site->is_believed = is_of_ours_or_roots(fd);
	return is_still_there(site, fd) ? 0 : 1;
}

static int
look(struct site *site, struct err *err)
{
	struct statx st;

	if (statx(site->parent, site->name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st) < 0) {
		site->state = SITE_ABSENT;
		return errno == ENOENT ? 0
				       : err_fail(err, STATUS_USAGE, "the output '%s': %s",
						 site->path, strerrordesc_np(errno));
	}
	if (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) {
		err_fail(err, STATUS_USAGE,
			"the output '%s' is a mount point: it cannot be replaced", site->path);
		return err_hint(err, "name a directory inside it: '%s/output'", site->path);
	}
	if (!S_ISDIR(st.stx_mode)) {
		site->state = SITE_FOREIGN;
		return 0;
	}
	return look_inside(site, err);
}

static int
look_until_still(struct site *site, struct err *err)
{
	int result = 1;

	while (result > 0) {
		result = look(site, err);
	}
	return result;
}

int
site_open(const char *path, struct site *ret_site, struct err *err)
{
	struct site site = {.parent = -1};

	if (split(path, &site, err) < 0 || open_parent(&site, err) < 0 ||
		look_until_still(&site, err) < 0) {
		site_done(&site);
		return -1;
	}
	*ret_site = site;
	return 0;
}

void
site_done(struct site *site)
{
	free(site->path);
	free(site->name);
	fs_close_slot(&site->parent);
	*site = (struct site){.parent = -1};
}

static char *
staged_prefix(const struct site *site)
{
	/* NAME_MAX is 255: a long name is cut. */
	return mem_printf(".%.200s.brun-", site->name);
}

int
site_stage(const struct site *site, char **ret_staged, int *ret_fd, struct err *err)
{
	cleanup_free char *prefix = staged_prefix(site);

	for (int tries = 0; tries < 100; tries++) {
		cleanup_free char *name = mem_printf("%s%016" PRIx64, prefix, random_number());
		if (mkdirat(site->parent, name, 0755) < 0) {
			return err_set(err, errno, "mkdir '%s' beside '%s'", name, site->path);
		}
		/* A clean-up may come before the lock does: then the directory is gone. Where locks
		 * are not supported nothing is ever cleaned, either. */
		int fd =
			openat(site->parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		struct stat st;
		if (fd >= 0 && (flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
			fstat(fd, &st) == 0 && st.st_nlink > 0) {
			*ret_staged = steal(name);
			*ret_fd = fd;
			return 0;
		}
		fs_close_slot(&fd);
	}
	return err_set(err, 0, "no directory could be made beside '%s'", site->path);
}

void
site_clean(const struct site *site)
{
	cleanup_free char *prefix = staged_prefix(site);
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (fs_list_dir(site->parent, &names, &count, NULL) < 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (strncmp(names[i], prefix, strlen(prefix)) != 0) {
			continue;
		}
		cleanup_fd int fd = openat(
			site->parent, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
			(void)fs_remove_at(site->parent, names[i], NULL);
		}
	}
}

/* Two renames, for file systems without RENAME_EXCHANGE; for a moment nothing is in the place. */
static int
swap_in_two(const struct site *site, const char *staged)
{
	cleanup_free char *aside = mem_printf("%s-old", staged);

	if (renameat(site->parent, site->name, site->parent, aside) < 0 && errno != ENOENT) {
		return -1;
	}
	if (renameat(site->parent, staged, site->parent, site->name) < 0) {
		int number = errno;
		(void)renameat(site->parent, aside, site->parent, site->name);
		errno = number;
		return -1;
	}
	return renameat(site->parent, aside, site->parent, staged) < 0 && errno != ENOENT ? -1 : 0;
}

static int
exchange(const struct site *site, const char *staged)
{
	int parent = site->parent;

	for (;;) {
		if (renameat2(parent, staged, parent, site->name, RENAME_NOREPLACE) == 0) {
			return 0;
		}
		if (errno == EEXIST &&
			renameat2(parent, staged, parent, site->name, RENAME_EXCHANGE) == 0) {
			return 0;
		}
		if (errno == EINVAL || errno == ENOSYS) {
			return swap_in_two(site, staged);
		}
		/* Between the two calls somebody removed it. */
		if (errno != ENOENT || faccessat(parent, staged, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
			return -1;
		}
	}
}

int
site_swap(const struct site *site, const char *staged, struct err *err)
{
	if (exchange(site, staged) < 0) {
		return err_set(err, errno, "putting the output in the place of '%s'", site->path);
	}
	if (fs_remove_at(site->parent, staged, err) < 0 &&
		faccessat(site->parent, staged, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		return err_wrap(err,
			"the output '%s' is in place, but what stood there before is "
			"left beside it",
			site->path);
	}
	return 0;
}
