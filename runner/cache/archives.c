/* SPDX-License-Identifier: MIT */
#include "cache/archives.h"

#include "archive/archive.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cache/statement.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is known of one that was made. */
struct made {
	struct made *next;
	struct digest tree, archive;
	uint64_t size;
};

bool
archives_find(struct archives *archives, struct statement *statement)
{
	pthread_mutex_lock(&archives->mutex);
	const struct made *made = archives->made;
	while (made && !digest_equal(&made->tree, &statement->output)) {
		made = made->next;
	}
	if (made) {
		statement->archive = made->archive;
		statement->archive_size = made->size;
		statement->has_archive = true;
	}
	pthread_mutex_unlock(&archives->mutex);
	return made != NULL;
}

static void
note_made(struct archives *archives, const struct statement *statement)
{
	struct made *made = mem_zalloc(1, sizeof(*made));

	made->tree = statement->output;
	made->archive = statement->archive;
	made->size = statement->archive_size;
	pthread_mutex_lock(&archives->mutex);
	made->next = archives->made;
	archives->made = made;
	pthread_mutex_unlock(&archives->mutex);
}

/* Makes the archive in tmp and fills in what the statement says of it. */
static int
make_archive(struct archives *archives, const struct tree *tree, struct statement *statement,
	int fd, struct err *err)
{
	struct stat st;
	cleanup_free char *path = store_tree_path(archives->store, &tree->id);
	cleanup_fd int dir = fs_open_dir(AT_FDCWD, path, err);

	if (dir < 0 ||
		archive_enclose(archives->helper, tree, dir, fd, archives->cancel_fd, err) < 0) {
		return -1;
	}
	if (lseek(fd, 0, SEEK_SET) < 0 || fstat(fd, &st) < 0) {
		return err_set(err, errno, "reading an archive");
	}
	if (sha256_fd(fd, &statement->archive, err) < 0) {
		return -1;
	}
	statement->archive_size = (uint64_t)st.st_size;
	statement->has_archive = true;
	note_made(archives, statement);
	return 0;
}

int
archives_make(struct archives *archives, const struct tree *tree, struct statement *statement,
	struct loaded *loaded, struct err *err)
{
	if (loaded->fd >= 0) {
		return 0;
	}
	if (store_tmp_new(archives->store, &loaded->tmp, err) < 0) {
		return -1;
	}
	loaded->fd = openat(loaded->tmp.fd, "archive", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (loaded->fd < 0) {
		return err_set(err, errno, "create '%s/archive'", loaded->tmp.path);
	}
	return make_archive(archives, tree, statement, loaded->fd, err);
}

void
loaded_done(struct archives *archives, struct loaded *loaded)
{
	fs_close_slot(&loaded->fd);
	loaded->fd = -1;
	store_tmp_free(archives->store, &loaded->tmp);
}

void
archives_done(struct archives *archives)
{
	while (archives->made) {
		struct made *made = archives->made;
		archives->made = made->next;
		free(made);
	}
	pthread_mutex_destroy(&archives->mutex);
}
