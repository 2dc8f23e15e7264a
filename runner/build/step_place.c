/* SPDX-License-Identifier: MIT */
#include "build/step_place.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/step_input.h"
#include "build/world.h"
#include "store/store.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int
lay_out_source(struct store *store, const struct digest *id, int source_fd, struct err *err)
{
	struct tree tree = {0};
	cleanup_free char *path = store_tree_path(store, id);
	cleanup_fd int from = fs_open_dir(AT_FDCWD, path, err);
	int found = from < 0 ? -1 : store_get_tree(store, id, &tree, err);

	if (found <= 0) {
		return found < 0 ? -1
				 : err_fail(err, STATUS_STORE, "the source '%s' is gone", path);
	}
	int result = tree_export(&tree, from, source_fd, true, err);
	tree_done(&tree);
	return result;
}

/* With modes that do not depend on the caller's umask: the step sees them. */
static int
make_places(int dirfd, const char *name, struct err *err)
{
	static const char *const places[] = {
		"", "/build", "/build/source", "/build/home", "/dest", "/dest" WORLD_PREFIX};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		cleanup_free char *path = mem_printf("%s%s", name, places[i]);
		if (mkdirat(dirfd, path, 0755) < 0 || fchmodat(dirfd, path, 0755, 0) < 0) {
			return err_set(err, errno, "mkdir '%s'", path);
		}
	}
	return 0;
}

int
step_place_make(struct store *store, const struct action *action, const struct digest *input_ids,
	int dirfd, const char *name, struct err *err)
{
	const struct digest *source_id = step_input(action, input_ids, "src");

	if (make_places(dirfd, name, err) < 0) {
		return -1;
	}
	if (!source_id) {
		return 0;
	}
	cleanup_free char *path = mem_printf("%s/build/source", name);
	cleanup_fd int source = fs_open_dir(dirfd, path, err);
	return source < 0 ? -1 : lay_out_source(store, source_id, source, err);
}

char *
step_place_kept(const struct digest *key)
{
	char hex[DIGEST_HEX];

	return mem_printf("failed/%.16s", digest_hex(key, hex));
}
