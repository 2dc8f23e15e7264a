/* SPDX-License-Identifier: MIT */
/* A lease is locks/run-PID-SALT, with a flock on it while the run lives: one line of hex an id,
 * only ever appended to. Each line is written with the store's gate (a flock on its directory)
 * shared; a collection reads the leases and moves its victims away with the gate for itself. So
 * either it sees the line, or the run, which looks only afterwards, sees that the thing is gone. */
#include "store/store_lease.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/random.h"
#include "store/disk.h"
#include "store/store_room.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char lease_prefix[] = "run-";

enum { LEASE_MAX = 1 << 30, NOTED_SECONDS = 600 };

int
store_gate(struct store *store, int operation, struct err *err)
{
	int result;

	do {
		result = flock(store->fd, operation);
	} while (result < 0 && errno == EINTR);
	return result < 0 ? store_explain_flock(store, err) : 0;
}

static int
open_lease(struct store *store, struct err *err)
{
	struct store_lease *lease = &store->lease;

	while (lease->fd < 0) {
		snprintf(lease->name, sizeof(lease->name), "locks/%s%d-%016" PRIx64, lease_prefix,
			(int)getpid(), random_number());
		int fd = store_lock_new(store, lease->name, O_APPEND, err);
		if (fd == -1) {
			return disk_explain(store->fd, err);
		}
		lease->fd = fd >= 0 ? fd : -1;
	}
	return 0;
}

static int
append(struct store *store, const struct buf *lines, struct err *err)
{
	if (store_gate(store, LOCK_SH, err) < 0) {
		return -1;
	}
	int result = open_lease(store, err);
	off_t length = result == 0 ? lseek(store->lease.fd, 0, SEEK_END) : 0;
	if (result == 0 && fs_write_all(store->lease.fd, lines->data, lines->length, err) < 0) {
		/* Half a line would shift all that come after it. */
		(void)!ftruncate(store->lease.fd, length);
		err_wrap(err, "'%s/%s'", store->path, store->lease.name);
		result = disk_explain(store->fd, err);
	}
	(void)store_gate(store, LOCK_UN, NULL);
	return result;
}

int
store_hold(struct store *store, const struct digest *ids, size_t count, struct err *err)
{
	cleanup_buf struct buf lines = {0};
	char hex[DIGEST_HEX];

	for (size_t i = 0; i < count; i++) {
		buf_puts(&lines, digest_hex(&ids[i], hex));
		buf_putc(&lines, '\n');
	}
	if (!count) {
		return 0;
	}
	pthread_mutex_lock(&store->lease.mutex);
	int result = append(store, &lines, err);
	pthread_mutex_unlock(&store->lease.mutex);
	return result;
}

int
store_hold_tree(struct store *store, const struct digest *id, struct err *err)
{
	return store_hold(store, id, 1, err) < 0 ? -1 : store_has_tree(store, id);
}

void
store_hold_over_exec(struct store *store)
{
	if (store->lease.fd >= 0) {
		(void)fcntl(store->lease.fd, F_SETFD, 0);
		store->lease.fd = -1; /* open, and nobody's to close */
	}
}

void
store_note_use(struct store *store, const struct digest *key)
{
	struct store_name name = store_name("actions", key, ".json");
	struct stat st;

	if (fstatat(store->fd, name.text, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		time(NULL) - st.st_mtim.tv_sec > NOTED_SECONDS) {
		(void)utimensat(store->fd, name.text, NULL, AT_SYMLINK_NOFOLLOW);
	}
}

void
store_release(struct store *store)
{
	if (store->lease.fd >= 0) {
		(void)unlinkat(store->fd, store->lease.name, 0);
		(void)flock(store->lease.fd, LOCK_UN);
	}
	fs_close_slot(&store->lease.fd);
	store->lease.fd = -1;
}

static void
add_lines(const struct buf *text, struct digest **ids, size_t *count)
{
	size_t lines = text->length / DIGEST_HEX;

	*ids = mem_resize(*ids, *count + lines + 1, sizeof(**ids));
	for (size_t i = 0; i < lines; i++) {
		char hex[DIGEST_HEX] = "";
		memcpy(hex, text->data + i * DIGEST_HEX, DIGEST_HEX - 1);
		*count += digest_parse(hex, &(*ids)[*count]);
	}
}

static int
read_lease(
	struct store *store, const char *name, struct digest **ids, size_t *count, struct err *err)
{
	cleanup_free char *path = mem_printf("locks/%s", name);
	cleanup_buf struct buf text = {0};
	cleanup_fd int fd = openat(store->fd, path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) {
		return errno == ENOENT ? 0 : err_set(err, errno, "open '%s'", path);
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		(void)unlinkat(store->fd, path, 0); /* its run is dead */
		return 0;
	}
	if (fs_read_all(fd, LEASE_MAX, &text, err) < 0) {
		return err_wrap(err, "reading '%s'", path);
	}
	add_lines(&text, ids, count);
	return 0;
}

int
store_held(struct store *store, struct digest **ids, size_t *count, struct err *err)
{
	cleanup_fd int dir = fs_open_dir(store->fd, "locks", err);
	cleanup_free char **names = NULL;
	size_t name_count = 0;

	if (dir < 0 || fs_list_dir(dir, &names, &name_count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < name_count; i++) {
		if (strncmp(names[i], lease_prefix, strlen(lease_prefix)) == 0 &&
			read_lease(store, names[i], ids, count, err) < 0) {
			return -1;
		}
	}
	return 0;
}
