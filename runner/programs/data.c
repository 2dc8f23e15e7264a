/* SPDX-License-Identifier: MIT */
#include "programs/data.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "programs/rooted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One copy on its way. What lies at real/X in the root comes out at name/X. */
struct data {
	int root, to;
	char *real, *name; /* clean, relative */
	struct buf *warnings;
};

/* "/a//b/./c/" as "a/b/c", or NULL where it is not absolute, climbs, or is the top itself. */
static char *
clean(const char *path)
{
	cleanup_buf struct buf text = {0};

	if (path[0] != '/') {
		return NULL;
	}
	while (*(path += strspn(path, "/"))) {
		size_t length = strcspn(path, "/");
		if (length == 2 && strncmp(path, "..", 2) == 0) {
			return NULL;
		}
		if (length != 1 || path[0] != '.') {
			buf_puts(&text, text.length > 0 ? "/" : "");
			buf_add(&text, path, length);
		}
		path += length;
	}
	return text.length > 0 ? buf_take(&text) : NULL;
}

static int
make_parents(const struct data *data, struct err *err)
{
	const char *slash = strrchr(data->name, '/');

	if (!slash) {
		return 0;
	}
	cleanup_free char *parent = mem_strndup(data->name, (size_t)(slash - data->name));
	return fs_mkdirs_at(data->to, parent, 0755, err);
}

static int
copy_file(const struct data *data, int fd, const struct stat *st, const char *name, struct err *err)
{
	if (st->st_mode & (S_ISUID | S_ISGID)) {
		return err_fail(err, STATUS_UNPACKABLE, "'/%s' is set-%s: that is not packed", name,
			st->st_mode & S_ISUID ? "user-id" : "group-id");
	}
	cleanup_fd int from = rooted_reopen(fd);
	if (from < 0) {
		return err_set(err, errno, "open '/%s'", name);
	}
	cleanup_fd int to =
		openat(data->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0) { /* EEXIST: the same path was asked for twice */
		return errno == EEXIST ? 0 : err_set(err, errno, "create '%s'", name);
	}
	if (fs_copy_fd(from, to, err) < 0) {
		return err_wrap(err, "copying '/%s'", name);
	}
	mode_t mode = st->st_mode & 0111 ? 0755 : 0644;
	return fchmod(to, mode) < 0 ? err_set(err, errno, "chmod '%s'", name) : 0;
}

/* A link at `name` to `target`, both from the top of the copy. */
static int
make_link(const struct data *data, const char *name, const char *target, struct err *err)
{
	cleanup_buf struct buf text = {0};
	size_t common = 0;

	for (size_t i = 0; name[i] && name[i] == target[i]; i++) {
		common = name[i] == '/' ? i + 1 : common;
	}
	for (const char *at = name + common; (at = strchr(at, '/')); at++) {
		buf_puts(&text, "../");
	}
	buf_puts(&text, target[common] ? target + common : ".");
	return symlinkat(buf_text(&text), data->to, name) < 0 && errno != EEXIST
		       ? err_set(err, errno, "make link '%s'", name)
		       : 0;
}

/* Where in the copy a file of the root comes out; NULL where it is not of this copy. */
static char *
place_of(const struct data *data, const char *real)
{
	size_t length = strlen(data->real);

	if (strncmp(real, data->real, length) != 0 || (real[length] && real[length] != '/')) {
		return NULL;
	}
	return mem_printf("%s%s", data->name, real + length);
}

static int
copy_link(const struct data *data, const char *path, const char *name, struct err *err)
{
	cleanup_fd int fd = rooted_open(data->root, path);
	cleanup_free char *real = fd < 0 ? NULL : rooted_real(data->root, fd);
	struct stat st;

	if (!real || fstat(fd, &st) < 0) {
		buf_printf(
			data->warnings, "/%s is left out: it is a link that leads nowhere\n", name);
		return 0;
	}
	cleanup_free char *target = place_of(data, real);
	if (!target && S_ISREG(st.st_mode)) {
		return copy_file(data, fd, &st, name, err);
	}
	if (!target && faccessat(data->to, real, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		buf_printf(data->warnings,
			"/%s is a link to /%s, which is not taken along (--data /%s)\n", name, real,
			real);
	}
	return make_link(data, name, target ? target : real, err);
}

/* Copying the copy would never end. */
static bool
is_copy(const struct data *data, const struct stat *st)
{
	struct stat to;

	return fstat(data->to, &to) == 0 && to.st_dev == st->st_dev && to.st_ino == st->st_ino;
}

static int copy_dir(const struct data *data, int fd, const char *below, struct err *err);

/* `below` is "" for the top, else "/X". */
static int
copy_any(const struct data *data, int fd, const char *below, struct err *err)
{
	cleanup_free char *name = mem_printf("%s%s", data->name, below);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		return err_set(err, errno, "open '/%s'", name);
	}
	if (S_ISLNK(st.st_mode)) {
		cleanup_free char *path = mem_printf("%s%s", data->real, below);
		return copy_link(data, path, name, err);
	}
	if (S_ISREG(st.st_mode)) {
		return copy_file(data, fd, &st, name, err);
	}
	if (!S_ISDIR(st.st_mode)) {
		return err_fail(err, STATUS_UNPACKABLE,
			"'/%s' is neither a file, a directory nor a symlink", name);
	}
	if (is_copy(data, &st)) {
		return err_fail(err, STATUS_USAGE,
			"the output lies inside of '/%s' that it takes along", data->name);
	}
	if (mkdirat(data->to, name, 0755) < 0 && errno != EEXIST) {
		return err_set(err, errno, "mkdir '%s'", name);
	}
	cleanup_fd int dir = rooted_reopen(fd);
	return dir < 0 ? err_set(err, errno, "open '/%s'", name) : copy_dir(data, dir, below, err);
}

static int
copy_dir(const struct data *data, int fd, const char *below, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (fs_list_dir(fd, &names, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		cleanup_free char *path = mem_printf("%s/%s", below, names[i]);
		cleanup_fd int inside = openat(fd, names[i], O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (copy_any(data, inside, path, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
copy_top(struct data *data, struct err *err)
{
	cleanup_fd int fd = rooted_open(data->root, data->name);

	data->real = fd < 0 ? NULL : rooted_real(data->root, fd);
	if (!data->real) {
		return err_fail(err, STATUS_USAGE, "there is no '/%s' to take along: %s",
			data->name, strerrordesc_np(errno));
	}
	return make_parents(data, err) < 0 ? -1 : copy_any(data, fd, "", err);
}

int
data_copy(int root, const char *path, int to_fd, struct buf *warnings, struct err *err)
{
	cleanup_free char *name = clean(path);
	struct data data = {.root = root, .to = to_fd, .name = name, .warnings = warnings};

	if (!name) {
		err_fail(err, STATUS_USAGE, "'%s' can't be taken along", path);
		return err_hint(err, "expected an absolute path without '..': /etc/ssl/certs");
	}
	int result = copy_top(&data, err);
	mem_free_slot(&data.real);
	return result;
}
