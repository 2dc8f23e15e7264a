/* SPDX-License-Identifier: MIT */
#include "fs.h"

#include "buf.h"
#include "err.h"
#include "mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

void
fs_close_slot(int *fd)
{
	int saved = errno;

	if (*fd >= 0) {
		close(*fd);
	}
	errno = saved;
}

int
fs_open_dir(int dirfd, const char *path, struct err *err)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(err, errno, "open directory '%s'", path);
}

int
fs_write_all(int fd, const void *data, size_t length, struct err *err)
{
	const char *at = data;

	while (length > 0) {
		ssize_t wrote = write(fd, at, length);
		if (wrote < 0 && errno == EINTR) {
			continue;
		}
		if (wrote < 0) {
			return err_set(err, errno, "write");
		}
		at += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}

int
fs_read_all(int fd, size_t limit, struct buf *buf, struct err *err)
{
	size_t total = 0;

	for (;;) {
		size_t chunk = limit - total < 65536 ? limit - total + 1 : 65536;
		ssize_t got = read(fd, buf_reserve(buf, chunk), chunk);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return err_set(err, errno, "read");
		}
		if (got == 0) {
			buf_add(buf, "", 0);
			return 0;
		}
		buf->length += (size_t)got;
		total += (size_t)got;
		if (total > limit) {
			return err_set(err, EFBIG, "more than %zu bytes", limit);
		}
	}
}

int
fs_read_at(int dirfd, const char *path, size_t limit, struct buf *buf, struct err *err)
{
	struct stat st;
	/* O_NONBLOCK: a FIFO in the place of the file must not hang us. */
	cleanup_fd int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		return err_set(err, errno, "open '%s'", path);
	}
	if (!S_ISREG(st.st_mode)) {
		return err_set(err, S_ISDIR(st.st_mode) ? EISDIR : EINVAL,
			"'%s' is not a regular file", path);
	}
	return fs_read_all(fd, limit, buf, err) < 0 ? err_wrap(err, "reading '%s'", path) : 0;
}

int
fs_create_at(
	int dirfd, const char *path, mode_t mode, const void *data, size_t length, struct err *err)
{
	cleanup_fd int fd =
		openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0) {
		return err_set(err, errno, "create '%s'", path);
	}
	if (fs_write_all(fd, data, length, err) < 0) {
		return err_wrap(err, "writing '%s'", path);
	}
	return fchmod(fd, mode) < 0 ? err_set(err, errno, "chmod '%s'", path) : 0;
}

int
fs_mkdirs_at(int dirfd, const char *path, mode_t mode, struct err *err)
{
	cleanup_free char *copy = mem_strdup(path);

	for (char *slash = copy + 1; *copy && (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		if (mkdirat(dirfd, copy, mode) < 0 && errno != EEXIST) {
			return err_set(err, errno, "mkdir '%s'", copy);
		}
		*slash = '/';
	}
	if (mkdirat(dirfd, copy, mode) < 0 && errno != EEXIST) {
		return err_set(err, errno, "mkdir '%s'", copy);
	}
	return 0;
}

static int
copy_by_hand(int from, int to, struct err *err)
{
	enum { CHUNK = 256 * 1024 };
	cleanup_free char *chunk = mem_alloc(CHUNK);

	for (;;) {
		ssize_t got = read(from, chunk, CHUNK);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			return got < 0 ? err_set(err, errno, "read") : 0;
		}
		if (fs_write_all(to, chunk, (size_t)got, err) < 0) {
			return -1;
		}
	}
}

int
fs_copy_fd(int from, int to, struct err *err)
{
	if (ioctl(to, FICLONE, from) == 0) {
		return 0;
	}
	for (;;) {
		ssize_t copied = copy_file_range(from, NULL, to, NULL, (size_t)1 << 30, 0);
		if (copied == 0) {
			return 0;
		}
		if (copied < 0 && errno == EINTR) {
			continue;
		}
		if (copied < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO)) {
			return err_set(err, errno, "copy");
		}
		if (copied < 0) {
			/* Other file system, old kernel, odd file: what is left goes by hand. */
			return copy_by_hand(from, to, err);
		}
	}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lays names (NUL-separated in `text`) out behind their pointers in one block. */
static char **
names_pack(const struct buf *text, size_t count)
{
	char **names = mem_alloc((count + 1) * sizeof(*names) + text->length + 1);
	char *at = (char *)(names + count + 1);

	memcpy(at, buf_text(text), text->length);
	for (size_t i = 0; i < count; i++) {
		names[i] = at;
		at += strlen(at) + 1;
	}
	names[count] = NULL;
	qsort(names, count, sizeof(*names), compare_names);
	return names;
}

int
fs_list_dir(int dirfd, char ***ret_names, size_t *ret_count, struct err *err)
{
	cleanup_buf struct buf text = {0};
	size_t count = 0;
	int copy = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (!dir) {
		int number = errno;
		fs_close_slot(&copy);
		return err_set(err, number, "list directory");
	}
	for (;;) {
		errno = 0;
		struct dirent *entry = readdir(dir);
		if (!entry) {
			break;
		}
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			buf_add(&text, entry->d_name, strlen(entry->d_name) + 1);
			count++;
		}
	}
	int number = errno;
	closedir(dir);
	if (number) {
		return err_set(err, number, "list directory");
	}
	*ret_names = names_pack(&text, count);
	*ret_count = count;
	return 0;
}

bool
fs_is_clean_relative(const char *path)
{
	for (;;) {
		size_t length = strcspn(path, "/");
		if (length == 0 || (length == 1 && path[0] == '.') ||
			(length == 2 && path[0] == '.' && path[1] == '.')) {
			return false;
		}
		if (path[length] == '\0') {
			return true;
		}
		path += length + 1;
	}
}
