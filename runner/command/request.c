/* SPDX-License-Identifier: MIT */
#include "command/request.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "lua/eval.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Where a recipe called `name` may lie, in the order in which it is looked for. */
static char *
find_recipe(const char *name, const char *library)
{
	cleanup_free char *file = mem_printf("%s/%s.lua", library, name);
	cleanup_free char *folder = mem_printf("%s/%s", library, name);
	const char *const candidates[] = {name, file, folder};
	size_t count = strchr(name, '/') ? 1 : 3;

	for (size_t i = 0; i < count; i++) {
		char resolved[PATH_MAX];
		if (name[0] && realpath(candidates[i], resolved)) {
			return mem_strdup(resolved);
		}
	}
	return NULL;
}

/* What may have been meant by the name of a recipe that is not there, or NULL. */
static char *
find_nearest(const char *operand, const char *library)
{
	cleanup_free char *name = mem_strndup(operand, strcspn(operand, ":"));
	cleanup_free char *in_library = mem_printf("%s/%s", library, name);
	char *nearest = eval_nearest(name);

	if (nearest || strchr(name, '/')) {
		return nearest;
	}
	cleanup_free char *path = eval_nearest(in_library);
	if (!path) {
		return NULL;
	}
	const char *base = path + strlen(library) + 1;
	return mem_strndup(base, strcspn(base, "."));
}

static int
no_such_recipe(const char *operand, const char *library, struct err *err)
{
	cleanup_free char *nearest = find_nearest(operand, library);

	err_fail(err, STATUS_RECIPE, "there is no recipe '%s'", operand);
	return nearest ? err_hint(err, "did you mean '%s'?", nearest)
		       : err_hint(err,
				 "a recipe is a .lua file, a folder that holds recipe.lua, or "
				 "the name of one in '%s'",
				 library);
}

/* Splits "RECIPE:NAME". A path that holds a ':' of its own and exists as a whole is not split. */
static int
find(const char *operand, const char *library, char **ret_recipe, const char **ret_name,
	struct err *err)
{
	const char *colon = strrchr(operand, ':');
	cleanup_free char *path = find_recipe(operand, library);

	if (!path && colon) {
		cleanup_free char *head = mem_strndup(operand, (size_t)(colon - operand));
		path = find_recipe(head, library);
		*ret_name = path ? colon + 1 : *ret_name;
	}
	if (!path) {
		return no_such_recipe(operand, library, err);
	}
	*ret_recipe = steal(path);
	return 0;
}

static int
evaluate(struct request *request, struct err *err)
{
	cleanup_buf struct buf text = {0};
	const struct eval eval = {
		.recipe = request->recipe,
		.library = request->installation.recipes,
		.confine = sandbox_confine_reader,
	};

	clock_gettime(CLOCK_REALTIME, &request->began);
	if (eval_recipe(&eval, &text, &request->reads, err) < 0) {
		return -1;
	}
	return plan_parse(buf_text(&text), text.length, &request->plan, err);
}

static int
choose_output(struct request *request, struct err *err)
{
	request->output = plan_output_get(&request->plan, request->name);
	if (request->output) {
		return 0;
	}
	err_fail(err, STATUS_USAGE, "'%s' has no output '%s'", request->recipe, request->name);
	cleanup_buf struct buf names = {0};
	for (size_t i = 0; i < request->plan.output_count; i++) {
		buf_printf(&names, "%s%s", i ? ", " : "", request->plan.outputs[i].name);
	}
	return err_hint(err, "it has: %s", buf_text(&names));
}

static int
open_folders(struct request *request, struct err *err)
{
	cleanup_free char *file = NULL, *root = NULL;

	if (eval_locate(request->recipe, &file, &root, err) < 0) {
		return -1;
	}
	request->root_fd = fs_open_dir(AT_FDCWD, root, err);
	request->library_fd = request->root_fd < 0
				      ? -1
				      : fs_open_dir(AT_FDCWD, request->installation.recipes, err);
	return request->library_fd < 0 ? -1 : 0;
}

int
request_find(const char *operand, const char *default_output, struct request *ret_request,
	struct err *err)
{
	struct request request = {
		.operand = operand, .name = default_output, .root_fd = -1, .library_fd = -1};

	int found = installation_find(&request.installation, err);
	if (found == 0) {
		found = find(
			operand, request.installation.recipes, &request.recipe, &request.name, err);
	}
	if (found < 0) {
		request_done(&request);
		return -1;
	}
	*ret_request = request;
	return 0;
}

int
request_evaluate(struct request *request, struct err *err)
{
	return open_folders(request, err) < 0 || evaluate(request, err) < 0 ||
			       choose_output(request, err) < 0
		       ? -1
		       : 0;
}

int
request_open(const char *operand, const char *default_output, struct request *ret_request,
	struct err *err)
{
	struct request request;

	if (request_find(operand, default_output, &request, err) < 0) {
		return -1;
	}
	if (request_evaluate(&request, err) < 0) {
		request_done(&request);
		return -1;
	}
	*ret_request = request;
	return 0;
}

void
request_done(struct request *request)
{
	installation_done(&request->installation);
	free(request->recipe);
	buf_done(&request->reads);
	plan_done(&request->plan);
	fs_close_slot(&request->root_fd);
	fs_close_slot(&request->library_fd);
	*request = (struct request)REQUEST_NONE;
}
