/* SPDX-License-Identifier: MIT */
#include "store/store_log.h"

#include "base/err.h"
#include "base/mem.h"
#include "store/disk.h"
#include "store/store_room.h"

#include <errno.h>
#include <fcntl.h>

int
store_create_log(struct store *store, const struct digest *key, int *ret_fd, struct err *err)
{
	struct store_name name = store_name("logs", key, ".log");
	int fd = openat(store->fd, name.text,
		O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0) {
		err_set(err, errno, "create '%s/%s'", store->path, name.text);
		return disk_explain(store->fd, err);
	}
	*ret_fd = fd;
	return 0;
}

char *
store_log_path(const struct store *store, const struct digest *key)
{
	return mem_printf("%s/%s", store->path, store_name("logs", key, ".log").text);
}
