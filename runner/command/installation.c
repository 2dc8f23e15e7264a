/* SPDX-License-Identifier: MIT */
#include "command/installation.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where a part may lie, seen from the program's directory: in a checkout whose build directory is
 * build/, or build/NAME/, or below an installation's prefix. */
static const char *const helper_places[] = {"unpack-helper", "../libexec/brun/unpack-helper", NULL};
static const char *const recipe_places[] = {
	"../../recipes", "../../../recipes", "../share/brun/recipes", NULL};

/* The first place that exists, absolute and without symlinks. */
static int
find(const char *dir, const char *what, const char *const *places, char **ret_path, struct err *err)
{
	cleanup_buf struct buf looked = {0};

	for (size_t i = 0; places[i]; i++) {
		cleanup_free char *path = mem_printf("%s/%s", dir, places[i]);
		char resolved[PATH_MAX];
		if (realpath(path, resolved)) {
			*ret_path = mem_strdup(resolved);
			return 0;
		}
		buf_printf(&looked, "\n    %s", path);
	}
	err_fail(err, STATUS_STORE, "%s not found; looked for%s", what, buf_text(&looked));
	return err_hint(err, "brun was moved without its parts: build or install it anew");
}

int
installation_find(struct installation *ret_installation, struct err *err)
{
	char dir[PATH_MAX];
	cleanup_free char *helper = NULL, *recipes = NULL;
	ssize_t length = readlink("/proc/self/exe", dir, sizeof(dir) - 1);

	if (length < 0) {
		err_fail(err, STATUS_SANDBOX, "read /proc/self/exe: %s", strerrordesc_np(errno));
		return err_hint(err,
			"/proc is not mounted here, as brun and every sandbox of its needs it: "
			"mount -t proc proc /proc");
	}
	dir[length] = '\0';
	*strrchr(dir, '/') = '\0';
	if (find(dir, "the helper programs", helper_places, &helper, err) < 0 ||
		find(dir, "the recipes that come with brun", recipe_places, &recipes, err) < 0) {
		return -1;
	}
	*strrchr(helper, '/') = '\0';
	ret_installation->helpers = steal(helper);
	ret_installation->recipes = steal(recipes);
	return 0;
}

void
installation_done(struct installation *installation)
{
	free(installation->helpers);
	free(installation->recipes);
	*installation = (struct installation){0};
}
