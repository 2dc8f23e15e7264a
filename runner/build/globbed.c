/* SPDX-License-Identifier: MIT */
#include "build/globbed.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "plan/plan.h"
#include "tree/beneath.h"
#include "tree/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
add_path(struct buf *paths, const char *top, const char *path)
{
	buf_puts(paths, top);
	if (*path) {
		buf_putc(paths, '/');
		buf_puts(paths, path);
	}
	buf_add(paths, "", 1);
}

static int
add_scanned(int fd, const struct action *action, struct buf *paths, struct err *err)
{
	const struct glob_rules rules = {.include = action->glob.patterns};
	struct scan scan = {0};
	char link[64], top[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, top, sizeof(top) - 1);
	if (length <= 0) {
		return err_set(err, errno, "finding where '%s' lies", action->glob.dir);
	}
	top[length] = '\0';
	if (scan_dir(fd, &rules, false, &scan, err) < 0) {
		return -1;
	}
	add_path(paths, top, "");
	for (size_t i = 0; i < scan.dir_count; i++) {
		add_path(paths, top, scan.dirs[i]);
	}
	for (size_t i = 0; i < scan.count; i++) {
		if (scan.items[i].entry.type != TREE_DIR) {
			add_path(paths, top, scan.items[i].entry.path);
		}
	}
	scan_done(&scan);
	return 0;
}

int
globbed_paths(
	const struct plan *plan, int root_fd, int library_fd, struct buf *paths, struct err *err)
{
	for (size_t i = 0; i < plan->action_count; i++) {
		const struct action *action = &plan->actions[i];
		if (action->kind != ACTION_GLOB) {
			continue;
		}
		cleanup_fd int fd = beneath_open(action->glob.from_library ? library_fd : root_fd,
			action->glob.dir, O_RDONLY | O_DIRECTORY);
		if (fd < 0) {
			return err_set(err, errno, "open '%s'", action->glob.dir);
		}
		if (add_scanned(fd, action, paths, err) < 0) {
			return -1;
		}
	}
	return 0;
}
