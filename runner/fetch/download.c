/* SPDX-License-Identifier: MIT */
#include "fetch/download.h"

#include "base/fs.h"

#include <errno.h>
#include <unistd.h>

void
download_init(struct download *download, int fd, uint64_t limit)
{
	*download = (struct download){.fd = fd, .limit = limit};
	sha256_init(&download->hash);
}

void
download_done(struct download *download)
{
	sha256_done(&download->hash);
	fs_close_slot(&download->fd);
	download->fd = -1;
}

void
download_restart(struct download *download)
{
	sha256_done(&download->hash);
	sha256_init(&download->hash);
	download->done = 0;
	download->total = 0;
	download->was_resumed = false;
	if (ftruncate(download->fd, 0) < 0) {
		download->number = errno;
	}
}

bool
download_write(struct download *download, const void *data, size_t length)
{
	const char *at = data;

	if (length > download->limit - download->done) {
		return false;
	}
	sha256_update(&download->hash, data, length);
	while (length > 0) {
		ssize_t wrote = pwrite(download->fd, at, length, (off_t)download->done);
		if (wrote < 0 && errno == EINTR) {
			continue;
		}
		if (wrote < 0) {
			download->number = errno;
			return false;
		}
		at += wrote;
		length -= (size_t)wrote;
		download->done += (uint64_t)wrote;
	}
	return true;
}

struct digest
download_digest(struct download *download)
{
	return sha256_final(&download->hash);
}
