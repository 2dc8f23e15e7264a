/* SPDX-License-Identifier: MIT */
#include "build/stray.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/world.h"
#include "plan/wording.h"
#include "text/logtext.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { NAMED = 10 };

struct strays {
	struct buf text;
	size_t count;
};

static void
add_stray(struct strays *strays, const char *path)
{
	if (strays->count++ < NAMED) {
		buf_puts(&strays->text, "\n  " WORLD_DEST);
		logtext_add_line(&strays->text, path, strlen(path), 0);
	}
}

static int collect(int dirfd, const char *name, const char *path, struct strays *strays);

/* Leaves are named: files, and directories with nothing in them. */
static int
collect_below(int fd, const char *path, struct strays *strays)
{
	cleanup_free char **names = NULL;
	size_t count;

	if (fs_list_dir(fd, &names, &count, NULL) < 0) {
		return -1;
	}
	if (count == 0 && *path) {
		add_stray(strays, path);
	}
	for (size_t i = 0; i < count && strays->count <= NAMED; i++) {
		cleanup_free char *inner = mem_printf("%s/%s", path, names[i]);
		if (strcmp(inner, WORLD_PREFIX) != 0 && collect(fd, names[i], inner, strays) < 0) {
			return -1;
		}
	}
	return 0;
}

enum { DEEPEST = 64 };

static size_t
depth(const char *path)
{
	size_t slashes = 0;

	for (; *path; path++) {
		slashes += *path == '/';
	}
	return slashes;
}

static int
collect(int dirfd, const char *name, const char *path, struct strays *strays)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		return -1;
	}
	if (!S_ISDIR(st.st_mode) || depth(path) > DEEPEST) {
		add_stray(strays, path);
		return 0;
	}
	cleanup_fd int fd = beneath_open_closed(dirfd, name, O_RDONLY | O_DIRECTORY);
	return fd < 0 ? -1 : collect_below(fd, path, strays);
}

static int
check_strays(int dest_fd, const struct action *action, struct err *err)
{
	struct strays strays = {0};
	int result = collect_below(dest_fd, "", &strays);

	if (result < 0) {
		err_set(err, errno, "list what step '%s' installed", wording_name(action));
	} else if (strays.count) {
		err_fail(err, STATUS_STEP, "step '%s' installed outside of its prefix:%s%s",
			wording_name(action), buf_text(&strays.text),
			strays.count > NAMED ? "\n  and more" : "");
		result = err_hint(err, "install below $DESTDIR$PREFIX (" WORLD_DEST WORLD_PREFIX
				       "): configure with --prefix=$PREFIX, and remove or move the "
				       "rest at the end of the script");
	}
	buf_done(&strays.text);
	return result;
}

static int
check_something(int fd, const struct action *action, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t count;

	if (fs_list_dir(fd, &names, &count, err) < 0) {
		return -1;
	}
	if (count) {
		return 0;
	}
	err_fail(err, STATUS_STEP, "step '%s' succeeded but installed nothing",
		wording_name(action));
	return err_hint(err,
		"its output is what lies below $DESTDIR$PREFIX (" WORLD_DEST WORLD_PREFIX
		") in the end");
}

int
stray_open_output(int dest_fd, const struct action *action, int *ret_fd, struct err *err)
{
	if (fchmod(dest_fd, 0700) < 0) {
		return err_set(err, errno, "open what step '%s' installed", wording_name(action));
	}
	if (check_strays(dest_fd, action, err) < 0) {
		return -1;
	}
	cleanup_fd int fd = beneath_open_closed(dest_fd, WORLD_PREFIX + 1, O_RDONLY | O_DIRECTORY);
	if (fd < 0) {
		return err_fail(err, STATUS_STEP, "step '%s' left no directory at %s%s: %s",
			wording_name(action), WORLD_DEST, WORLD_PREFIX, strerrordesc_np(errno));
	}
	if (check_something(fd, action, err) < 0) {
		return -1;
	}
	*ret_fd = steal_fd(fd);
	return 0;
}
