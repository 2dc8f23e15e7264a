/* SPDX-License-Identifier: MIT */
#include "archive/member.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/printable.h"
#include "tree/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
members_init(struct members *members, int root, uint64_t entries)
{
	*members = (struct members){
		.root = root,
		.entries_left = entries,
		.entries_most = entries,
		.parent_fd = -1,
	};
}

void
members_done(struct members *members)
{
	free(steal(members->parent));
	fs_close_slot(&members->parent_fd);
	members->parent_fd = -1;
}

int
members_count(struct members *members, struct err *err)
{
	if (members->entries_left == 0) {
		return err_fail(err, STATUS_LIMIT, "the archive has more than %" PRIu64 " entries",
			members->entries_most);
	}
	members->entries_left--;
	return 0;
}

static int
refuse(struct err *err, const char *what, const char *name, const char *why)
{
	cleanup_free char *shown = printable_name(name);

	return err_fail(err, STATUS_SOURCE, "%s '%s' %s", what, shown, why);
}

/* A failed system call: a name that no file can have is the archive's fault, the rest the
 * disk's. */
static int
fail(struct err *err, int number, const char *path)
{
	cleanup_free char *shown = printable_name(path);

	err_set(err, number, "member '%s'", shown);
	if (err && (number == ENAMETOOLONG || number == EINVAL || number == EILSEQ ||
			   number == ENOENT || number == ELOOP)) {
		err->status = STATUS_SOURCE;
	}
	return -1;
}

int
member_path(const char *name, unsigned strip, const char *what, char **ret_path, struct err *err)
{
	cleanup_buf struct buf path = {0};

	if (name[0] == '/') {
		return refuse(err, what, name, "is absolute");
	}
	if (name[0] == '\0' || strlen(name) >= PATH_MAX) {
		return refuse(err, what, name, name[0] ? "is too long a path" : "has no name");
	}
	for (const char *at = name; *at;) {
		size_t length = strcspn(at, "/");
		if (length == 2 && memcmp(at, "..", 2) == 0) {
			return refuse(err, what, name, "climbs with '..'");
		}
		if (length > 1 || (length == 1 && at[0] != '.')) {
			if (strip > 0) {
				strip--;
			} else {
				buf_add(&path, "/", path.length > 0);
				buf_add(&path, at, length);
			}
		}
		at += length + (at[length] == '/');
	}
	*ret_path = path.length ? buf_take(&path) : NULL;
	return 0;
}

static bool
is_symlink(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/* A parent that no member announced counts as an entry of its own: one path may name 2000. */
enum enter_mode { ENTER_FIND, ENTER_MAKE, ENTER_MAKE_COUNTED };

/* The directory `name` in dirfd; -1 and err. */
static int
enter(struct members *members, int dirfd, const char *name, enum enter_mode mode, const char *path,
	struct err *err)
{
	enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	int fd = openat(dirfd, name, FLAGS);

	if (fd < 0 && errno == ENOENT && mode != ENTER_FIND) {
		if (mode == ENTER_MAKE_COUNTED && members_count(members, err) < 0) {
			return -1;
		}
		if (mkdirat(dirfd, name, 0755) < 0) {
			return fail(err, errno, path);
		}
		fd = openat(dirfd, name, FLAGS);
	}
	if (fd < 0 && errno == ENOTDIR) {
		return refuse(err, "member", path,
			is_symlink(dirfd, name) ? "lies behind a symlink"
						: "lies below what is not a directory");
	}
	return fd < 0 ? fail(err, errno, path) : fd;
}

/* Is the directory one below `above`? Then what is left of its path, else NULL. */
static const char *
below(const char *above, const char *directory)
{
	size_t length = strlen(above);

	return length > 0 && strncmp(directory, above, length) == 0 && directory[length] == '/'
		       ? directory + length + 1
		       : NULL;
}

/* Walks all of `directory` ("" is the root itself), or from the parent that is open, if it lies
 * below that: a directory that was made keeps its name. */
static int
walk(struct members *members, const char *directory, enum enter_mode mode, const char *path,
	struct err *err)
{
	const char *left = members->parent ? below(members->parent, directory) : NULL;
	cleanup_free char *names = mem_strdup(left ? left : directory);
	char *rest = names;
	int fd = fcntl(left ? members->parent_fd : members->root, F_DUPFD_CLOEXEC, 0);

	if (fd < 0) {
		return err_set(err, errno, "duplicating a descriptor");
	}
	for (char *name; fd >= 0 && (name = strsep(&rest, "/")) != NULL && *name;) {
		int next = enter(members, fd, name, mode, path, err);
		close(fd);
		fd = next;
	}
	return fd;
}

/* The last component of a clean path; its parent's length comes back, too. */
static const char *
split(const char *path, size_t *ret_parent_length)
{
	const char *slash = strrchr(path, '/');

	*ret_parent_length = slash ? (size_t)(slash - path) : 0;
	return slash ? slash + 1 : path;
}

/* The directory that `path` lies in (borrowed: valid until the next call), and its name there. */
static int
parent_of(struct members *members, const char *path, const char **ret_name, struct err *err)
{
	size_t length;
	const char *name = split(path, &length);

	if (!members->parent || strlen(members->parent) != length ||
		memcmp(members->parent, path, length) != 0) {
		cleanup_free char *directory = mem_strndup(path, length);
		int fd = walk(members, directory, ENTER_MAKE_COUNTED, path, err);
		if (fd < 0) {
			return -1;
		}
		members_done(members);
		members->parent = steal(directory);
		members->parent_fd = fd;
	}
	*ret_name = name;
	return members->parent_fd;
}

int
members_directory(struct members *members, const char *path, struct err *err)
{
	const char *name;
	int parent = parent_of(members, path, &name, err);

	if (parent < 0) {
		return -1;
	}
	cleanup_fd int fd = enter(members, parent, name, ENTER_MAKE, path, err);
	return fd < 0 ? -1 : 0;
}

/* Clears the way for a member whose creation failed with EEXIST. */
static int
displace(int parent, const char *name, const char *path, struct err *err)
{
	if (unlinkat(parent, name, 0) == 0) {
		return 0;
	}
	if (errno == EISDIR || errno == EPERM) {
		return refuse(err, "member", path, "has the name of an earlier directory");
	}
	return fail(err, errno, path);
}

int
members_symlink(struct members *members, const char *path, const char *target, struct err *err)
{
	const char *name;
	int parent = parent_of(members, path, &name, err);

	if (parent < 0) {
		return -1;
	}
	struct err why = {0};
	int result = seal_link(parent, name, target, &why);
	if (result < 0 && why.number == EEXIST) {
		if (displace(parent, name, path, err) < 0) {
			return -1;
		}
		result = seal_link(parent, name, target, &why);
	}
	return result < 0 ? fail(err, why.number, path) : 0;
}

/* Opens the parent of a hard link's target, which must be there already. */
static int
target_parent(struct members *members, const char *target, const char *path, const char **ret_name,
	struct err *err)
{
	size_t length;

	*ret_name = split(target, &length);
	cleanup_free char *directory = mem_strndup(target, length);
	int fd = walk(members, directory, ENTER_FIND, target, err);
	if (fd < 0) {
		cleanup_free char *shown = printable_name(path);
		return err_wrap(err, "hard link '%s'", shown);
	}
	return fd;
}

int
members_hard_link(struct members *members, const char *path, const char *target, struct err *err)
{
	const char *name, *target_name;
	struct stat st;
	cleanup_fd int from = target_parent(members, target, path, &target_name, err);

	if (from < 0) {
		return -1;
	}
	if (fstatat(from, target_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode)) {
		cleanup_free char *shown = printable_name(target);
		cleanup_free char *why =
			mem_printf("is a hard link to '%s', which is no earlier file", shown);
		return refuse(err, "member", path, why);
	}
	if (strcmp(path, target) == 0) {
		return 0;
	}
	int parent = parent_of(members, path, &name, err);
	if (parent < 0) {
		return -1;
	}
	int result = linkat(from, target_name, parent, name, 0);
	if (result < 0 && errno == EEXIST) {
		if (displace(parent, name, path, err) < 0) {
			return -1;
		}
		result = linkat(from, target_name, parent, name, 0);
	}
	return result < 0 ? fail(err, errno, path) : 0;
}

int
members_file(struct members *members, const char *path, int *ret_fd, struct err *err)
{
	enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
	const char *name;
	int parent = parent_of(members, path, &name, err);

	if (parent < 0) {
		return -1;
	}
	int fd = openat(parent, name, FLAGS, 0600);
	if (fd < 0 && errno == EEXIST) {
		if (displace(parent, name, path, err) < 0) {
			return -1;
		}
		fd = openat(parent, name, FLAGS, 0600);
	}
	if (fd < 0) {
		return fail(err, errno, path);
	}
	*ret_fd = fd;
	return 0;
}
