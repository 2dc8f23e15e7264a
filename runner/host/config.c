/* SPDX-License-Identifier: MIT */
#include "host/config.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>

enum { CONFIG_MAX = 1 << 20 };

static char *
find_path(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config == '/') {
		return mem_printf("%s/brun/config.json", config);
	}
	return home && *home ? mem_printf("%s/.config/brun/config.json", home) : NULL;
}

int
config_read(struct config *ret_config, struct err *err)
{
	cleanup_buf struct buf text = {0};
	cleanup_free char *path = find_path();
	struct err problem = {0};
	json_error_t where;

	*ret_config = (struct config){0};
	if (!path) {
		return 0;
	}
	if (fs_read_at(AT_FDCWD, path, CONFIG_MAX, &text, &problem) < 0) {
		/* EACCES: $HOME may still be somebody else's, as after su. */
		bool is_absent = problem.number == ENOENT || problem.number == ENOTDIR ||
				 problem.number == EACCES;
		return is_absent ? 0 : err_fail(err, STATUS_USAGE, "%s", problem.text);
	}
	json_t *root = json_loadb(buf_text(&text), text.length, JSON_REJECT_DUPLICATES, &where);
	if (!root) {
		return err_fail(err, STATUS_USAGE, "'%s':%d:%d: %s", path, where.line, where.column,
			where.text);
	}
	if (!json_is_object(root)) {
		json_decref(root);
		return err_fail(err, STATUS_USAGE, "'%s': expected an object, { … }", path);
	}
	ret_config->path = steal(path);
	ret_config->root = root;
	return 0;
}

void
config_done(struct config *config)
{
	free(config->path);
	json_decref(config->root);
	*config = (struct config){0};
}
