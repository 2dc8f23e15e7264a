/* SPDX-License-Identifier: MIT */
#include "progress/follow.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/store_lock.h"
#include "store/store_log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, LOOK_MS = 100 };

/* What has come since; a log that was begun anew is shorter, and read from its start. */
static int
copy_new(int fd, FILE *to, struct err *err)
{
	char chunk[CHUNK];
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) == 0 && st.st_size < lseek(fd, 0, SEEK_CUR)) {
		(void)lseek(fd, 0, SEEK_SET);
	}
	while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
		if (fwrite(chunk, 1, (size_t)got, to) != (size_t)got) {
			return err_set(err, errno, "write the log");
		}
	}
	if (got < 0) {
		return err_set(err, errno, "read");
	}
	return fflush(to) == 0 ? 0 : err_set(err, errno, "write the log");
}

int
follow_log(struct store *store, const struct digest *key, FILE *to, struct err *err)
{
	cleanup_free char *path = store_log_path(store, key);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return err_set(err, errno, "open '%s'", path);
	}
	for (bool is_growing = true; is_growing;) {
		/* Asked before the last look: what was written till then is seen. */
		is_growing = store_is_locked(store, key);
		if (copy_new(fd, to, err) < 0) {
			return err_wrap(err, "'%s'", path);
		}
		if (is_growing) {
			(void)poll(NULL, 0, LOOK_MS);
		}
	}
	return 0;
}
