/* SPDX-License-Identifier: MIT */
/* Files, relative to a directory descriptor, never through a surprise symlink, O_CLOEXEC always. */
#ifndef BRUN_FS_H
#define BRUN_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct err;

/* Closes *fd unless it is negative; for cleanup_fd. errno is kept. */
void fs_close_slot(int *fd);

/* At a declaration: closes the descriptor when the scope ends. */
#define cleanup_fd __attribute__((cleanup(fs_close_slot)))

/* Gives a descriptor away: the variable becomes -1. */
#define steal_fd(fd)                                                                               \
	({                                                                                         \
		int stolen_ = (fd);                                                                \
		(fd) = -1;                                                                         \
		stolen_;                                                                           \
	})

/* Opens a directory (O_DIRECTORY; a last symlink is refused); the descriptor, or -1 and err. */
int fs_open_dir(int dirfd, const char *path, struct err *err);

/* Writes all of it; restarts on EINTR and short writes. 0 or -1 and err. */
int fs_write_all(int fd, const void *data, size_t length, struct err *err);

/* Appends what is left to read of fd to buf; more than `limit` bytes is an error (EFBIG). */
int fs_read_all(int fd, size_t limit, struct buf *buf, struct err *err);

/* Appends a regular file's contents to buf; ENOENT stays visible in err->number. */
int fs_read_at(int dirfd, const char *path, size_t limit, struct buf *buf, struct err *err);

/* Creates a file that must not exist yet, with this mode whatever the umask. */
int fs_create_at(
	int dirfd, const char *path, mode_t mode, const void *data, size_t length, struct err *err);

/* Creates path and its missing parents (mode for all that are made); fine where they exist. */
int fs_mkdirs_at(int dirfd, const char *path, mode_t mode, struct err *err);

/* Removes a file, or a directory with all below it, by descriptors and O_NOFOLLOW; copes with
 * directories of mode 0000 and any depth; a path that does not exist is fine, and so is somebody
 * else who removes the same. */
int fs_remove_at(int dirfd, const char *path, struct err *err);
/* Adds to *freed how many bytes of the disk that gave back: what has a name elsewhere, none. */
int fs_remove_counted_at(int dirfd, const char *path, uint64_t *freed, struct err *err);

/* Copies the rest of a regular file: by reflink, else copy_file_range, else read and write. */
int fs_copy_fd(int from, int to, struct err *err);

/* The names in a directory in memcmp order, "." and ".." left out. One block: free(*ret_names). */
int fs_list_dir(int dirfd, char ***ret_names, size_t *ret_count, struct err *err);

/* Is this one a safe relative path: no "", ".", ".." components, no leading or double '/'? */
bool fs_is_clean_relative(const char *path);

#endif
