/* SPDX-License-Identifier: MIT */
/* Finding, making and checking the store's directory. The layout is described in store.c. */
#include "store/store_room.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/replace.h"
#include "text/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char version_name[] = "version";
static const char version_text[] = "brun store 1\n";

const char *const store_folders[] = {"trees", "manifests", "blobs", "actions", "logs", "plans",
	"locks", "tmp", "failed", "roots", "trash", NULL};

/* An environment variable that is set and not empty, or NULL. */
static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

int
store_find_path(const char *path, char **ret_path, struct err *err)
{
	const char *base = NULL;

	if (!path) {
		path = environment("BRUN_STORE");
	}
	if (path) {
		*ret_path = mem_strdup(path);
	} else if ((base = environment("XDG_DATA_HOME")) && base[0] == '/') {
		*ret_path = mem_printf("%s/brun", base);
	} else if ((base = environment("HOME"))) {
		*ret_path = mem_printf("%s/.local/share/brun", base);
	} else {
		err_set(err, 0,
			"no place for the store: neither BRUN_STORE, XDG_DATA_HOME nor HOME is set");
		return err_hint(err, "set BRUN_STORE to a directory that brun may make");
	}
	return 0;
}

static int
open_path(const char *path, struct err *err)
{
	/* Parents with the usual mode; the store itself is private. */
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		cleanup_free char *parent = mem_strdup(path);
		size_t length = strlen(parent);
		while (length > 1 && parent[length - 1] == '/') {
			parent[--length] = '\0';
		}
		char *slash = strrchr(parent, '/');
		if (slash && slash != parent) {
			*slash = '\0';
			if (fs_mkdirs_at(AT_FDCWD, parent, 0755, err) < 0) {
				return err_wrap(err, "making the store '%s'", path);
			}
		}
		if (mkdir(path, 0700) < 0 && errno != EEXIST) {
			return err_set(err, errno, "making the store '%s'", path);
		}
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0 && errno == ENOTDIR) {
		return err_set(err, 0, "the store '%s' is not a directory", path);
	}
	return fd >= 0 ? fd : err_set(err, errno, "opening the store '%s'", path);
}

static int
check_owner(struct store *store, struct err *err)
{
	struct stat st;

	if (fstat(store->fd, &st) < 0) {
		return err_set(err, errno, "stat '%s'", store->path);
	}
	if (st.st_uid != geteuid()) {
		err_set(err, 0, "the store '%s' belongs to user %u, you are user %u", store->path,
			(unsigned)st.st_uid, (unsigned)geteuid());
		return err_hint(err, "set BRUN_STORE to a directory of your own");
	}
	if (faccessat(store->fd, ".", W_OK | X_OK, AT_EACCESS) < 0) {
		err_set(err, errno, "the store '%s' is not writable", store->path);
		return err_hint(err, "set BRUN_STORE to a directory that you can write to");
	}
	/* Its trees hold whatever a stranger's build made: nobody else can run that. */
	if ((st.st_mode & 077) && fchmod(store->fd, 0700) < 0) {
		return err_set(err, errno, "chmod '%s'", store->path);
	}
	return 0;
}

bool
store_is_layout(const char *name)
{
	for (size_t i = 0; store_folders[i]; i++) {
		if (strcmp(name, store_folders[i]) == 0) {
			return true;
		}
	}
	/* replace_file_synced's sibling of a run that was killed while it made the store */
	return strncmp(name, version_name, strlen(version_name)) == 0;
}

int
store_make_folders(const struct store *store, struct err *err)
{
	for (size_t i = 0; store_folders[i]; i++) {
		if (mkdirat(store->fd, store_folders[i], 0700) < 0 && errno != EEXIST) {
			return err_set(err, errno, "mkdir '%s/%s'", store->path, store_folders[i]);
		}
	}
	return 0;
}

/* No version file: a new store, or one whose making was cut short; never a foreign directory. */
static int
make_layout(struct store *store, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (fs_list_dir(store->fd, &names, &count, err) < 0) {
		return err_wrap(err, "store '%s'", store->path);
	}
	for (size_t i = 0; i < count; i++) {
		if (!store_is_layout(names[i])) {
			cleanup_free char *name = quote_path(names[i]);
			err_set(err, 0, "'%s' is not a store: it holds %s", store->path, name);
			return err_hint(err, "set BRUN_STORE to an empty or a new directory");
		}
	}
	if (check_owner(store, err) < 0) {
		return -1;
	}
	if (store_make_folders(store, err) < 0) {
		return -1;
	}
	return replace_file_synced(store->fd, version_name, NULL, 0600, version_text,
		       strlen(version_text), err) < 0
		       ? err_wrap(err, "store '%s'", store->path)
		       : 0;
}

static int
check_layout(struct store *store, struct err *err)
{
	cleanup_buf struct buf text = {0};
	struct err why = {0};

	if (fs_read_at(store->fd, version_name, 256, &text, &why) == 0) {
		if (strcmp(buf_text(&text), version_text) != 0) {
			cleanup_free char *found = quote_path(buf_text(&text));
			err_set(err, 0, "the store '%s' has another layout: %s instead of '%.12s'",
				store->path, found, version_text);
			return err_hint(err,
				"use the brun that made it, or set BRUN_STORE to another directory");
		}
		return check_owner(store, err);
	}
	if (why.number == ENOENT) {
		return make_layout(store, err);
	}
	if (why.number == EACCES && check_owner(store, err) < 0) {
		return -1;
	}
	if (err) {
		*err = why;
	}
	return err_wrap(err, "store '%s'", store->path);
}

int
store_open(const char *path, struct store **ret_store, struct err *err)
{
	cleanup_free char *chosen = NULL;

	if (store_find_path(path, &chosen, err) < 0) {
		return -1;
	}
	cleanup_fd int fd = open_path(chosen, err);
	if (fd < 0) {
		return -1;
	}
	struct store *store = mem_zalloc(1, sizeof(*store));
	store->path = realpath(chosen, NULL);
	store->fd = steal_fd(fd);
	pthread_mutex_init(&store->sync.mutex, NULL);
	pthread_cond_init(&store->sync.changed, NULL);
	pthread_mutex_init(&store->lease.mutex, NULL);
	store->lease.fd = -1;
	int result = store->path ? check_layout(store, err)
				 : err_set(err, errno, "finding the store '%s'", chosen);
	if (result < 0) {
		store_close(store);
		return -1;
	}
	*ret_store = store;
	return 0;
}

void
store_close(struct store *store)
{
	if (!store) {
		return;
	}
	store_release(store);
	pthread_mutex_destroy(&store->lease.mutex);
	pthread_cond_destroy(&store->sync.changed);
	pthread_mutex_destroy(&store->sync.mutex);
	fs_close_slot(&store->fd);
	free(store->path);
	free(store);
}

void
store_close_slot(struct store **slot)
{
	store_close(*slot);
}
