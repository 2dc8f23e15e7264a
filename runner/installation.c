/* SPDX-License-Identifier: MIT */
#include "installation.h"

#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first of the two that exists, absolute and without symlinks; or NULL. */
static char *
find(const char *dir, const char *in_checkout, const char *installed)
{
	const char *const candidates[] = {in_checkout, installed};

	for (size_t i = 0; i < 2; i++) {
		cleanup_free char *path = mem_printf("%s/%s", dir, candidates[i]);
		char resolved[PATH_MAX];
		if (realpath(path, resolved)) {
			return mem_strdup(resolved);
		}
	}
	return NULL;
}

static int
complain(const char *what, const char *dir, const char *in_checkout, const char *installed,
	struct err *err)
{
	err_fail(err, STATUS_STORE, "%s not found: neither '%s/%s' nor '%s/%s' exists", what, dir,
		in_checkout, dir, installed);
	return err_hint(err, "brun was moved without its parts: build or install it anew");
}

int
installation_find(struct installation *ret_installation, struct err *err)
{
	char dir[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", dir, sizeof dir - 1);

	if (length < 0) {
		return err_set(err, errno, "read /proc/self/exe");
	}
	dir[length] = '\0';
	*strrchr(dir, '/') = '\0';

	cleanup_free char *helper = find(dir, "unpack-helper", "../libexec/brun/unpack-helper");
	if (!helper) {
		return complain("the helper programs", dir, "unpack-helper",
			"../libexec/brun/unpack-helper", err);
	}
	cleanup_free char *recipes = find(dir, "../../recipes", "../share/brun/recipes");
	if (!recipes) {
		return complain("the recipes that come with brun", dir, "../../recipes",
			"../share/brun/recipes", err);
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
