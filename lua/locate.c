/* SPDX-License-Identifier: MIT */
#include "locate.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "inside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No recipe is larger; a lock file may be. */
enum { LARGEST_TEXT = 8 << 20 };

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* path up to its last slash (NULL: none), and what is behind it. */
static char *
split(const char *path, const char **ret_base)
{
	const char *slash = strrchr(path, '/');

	*ret_base = slash ? slash + 1 : path;
	return slash ? mem_strndup(path, (size_t)(slash - path) + 1) : NULL;
}

char *
locate_shown(const char *path)
{
	char here[PATH_MAX];
	size_t length = getcwd(here, sizeof(here)) ? strlen(here) : 0;

	/* In "/" itself the absolute path is short enough. */
	if (length > 1 && strncmp(path, here, length) == 0 && path[length] == '/') {
		return mem_strdup(path + length + 1);
	}
	return mem_strdup(path);
}

/* The absolute directory of `dir` ("recipes/"; NULL: the current one), without links. */
static char *
absolute(const char *dir)
{
	char *path = realpath(dir ? dir : ".", NULL);

	return path ? path : mem_strdup("/");
}

/* "recipe.lua" in a folder: its root is the folder's parent. */
static void
place_folder(const char *folder, struct place *ret_place)
{
	cleanup_free char *path = absolute(folder);
	const char *name, *given;
	char *parent = split(path, &name);
	cleanup_free char *above = split(folder, &given);

	assert(parent); /* path is absolute */
	/* The last slash of "/name/" goes, but for the root's own. */
	if (parent[1]) {
		parent[strlen(parent) - 1] = '\0';
	}
	/* ".", ".." and "/" say no name that a sibling could stand beside. */
	if (strcmp(given, name) == 0 && *name) {
		ret_place->display_dir = above ? steal(above) : mem_strdup("");
	} else {
		ret_place->display_dir = mem_printf("%s%s", parent, parent[1] ? "/" : "");
	}
	ret_place->display = mem_printf("%s/recipe.lua", folder);
	ret_place->file = mem_printf("%s/recipe.lua", path);
	ret_place->dir = mem_strdup(*name ? name : ".");
	ret_place->root = parent;
}

static void
place_file(const char *recipe, struct place *ret_place)
{
	const char *base;
	cleanup_free char *dir = split(recipe, &base);

	if (strcmp(base, "recipe.lua") == 0) {
		cleanup_free char *folder = dir ? mem_strdup(dir) : mem_strdup(".");
		size_t length = strlen(folder);
		while (length > 1 && folder[length - 1] == '/') {
			folder[--length] = '\0';
		}
		place_folder(folder, ret_place);
		free(ret_place->display);
		ret_place->display = mem_strdup(recipe);
		return;
	}
	ret_place->root = absolute(dir);
	ret_place->file = mem_printf("%s/%s", ret_place->root, base);
	ret_place->display = mem_strdup(recipe);
	ret_place->display_dir = dir ? steal(dir) : mem_strdup("");
	ret_place->dir = mem_strdup(".");
}

/* A directory's recipes: NAME of NAME.lua, and folders with a recipe.lua. */
static void
list_names(const char *dir, char ***names, size_t *count)
{
	cleanup_fd int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free char **entries = NULL;
	size_t entry_count = 0;

	if (fd < 0 || fs_list_dir(fd, &entries, &entry_count, NULL) < 0) {
		return;
	}
	for (size_t i = 0; i < entry_count; i++) {
		size_t length = strlen(entries[i]);
		cleanup_free char *inner = mem_printf("%s/recipe.lua", entries[i]);
		bool is_file = length > 4 && strcmp(entries[i] + length - 4, ".lua") == 0;
		if (is_file || faccessat(fd, inner, F_OK, 0) == 0) {
			*names = mem_resize(*names, *count + 1, sizeof(**names));
			(*names)[(*count)++] =
				mem_strndup(entries[i], is_file ? length - 4 : length);
		}
	}
}

static void
free_names(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(names[i]);
	}
	free(names);
}

char *
locate_nearest(const char *recipe)
{
	const char *base;
	cleanup_free char *dir = split(recipe, &base);
	size_t length = strlen(base), count = 0;
	cleanup_free char *name = mem_strndup(
		base, length > 4 && strcmp(base + length - 4, ".lua") == 0 ? length - 4 : length);
	char **names = NULL;

	list_names(dir ? dir : ".", &names, &count);
	const char *best = nearest_name(name, (const char *const *)names, count);
	char *path = best ? mem_printf("%s%s.lua", dir ? dir : "", best) : NULL;
	if (path && access(path, F_OK) < 0) {
		path[strlen(path) - strlen(".lua")] = '\0';
	}
	free_names(names, count);
	return path;
}

static int
no_such_recipe(const char *recipe, struct err *err)
{
	cleanup_free char *nearest = locate_nearest(recipe);

	err_fail(err, STATUS_RECIPE, "%s: there is no such recipe", recipe);
	return nearest ? err_hint(err, "did you mean '%s'?", nearest) : -1;
}

int
locate_main(const char *recipe, struct place *ret_place, struct err *err)
{
	struct place place = {0};
	cleanup_free char *trimmed = mem_strdup(recipe);
	size_t length = strlen(trimmed);

	while (length > 1 && trimmed[length - 1] == '/') {
		trimmed[--length] = '\0';
	}
	if (is_directory(trimmed)) {
		place_folder(trimmed, &place);
	} else {
		place_file(trimmed, &place);
	}
	if (access(place.file, F_OK) < 0 && errno != EACCES) {
		if (is_directory(trimmed)) {
			err_fail(err, STATUS_RECIPE, "%s: there is no recipe.lua in this folder",
				recipe);
		} else {
			no_such_recipe(recipe, err);
		}
		place_done(&place);
		return -1;
	}
	char *display = locate_shown(place.display), *dir = locate_shown(place.display_dir);
	free(place.display);
	free(place.display_dir);
	place.display = display;
	place.display_dir = dir;
	*ret_place = place;
	return 0;
}

void
place_done(struct place *place)
{
	free(place->file);
	free(place->display);
	free(place->display_dir);
	free(place->dir);
	free(place->root);
	*place = (struct place){0};
}

static void
note(struct inside *inside, const char *path)
{
	buf_add(&inside->reads, path, strlen(path) + 1);
}

int
locate_read(struct inside *inside, const char *path, char **ret_text, size_t *ret_length,
	struct err *err)
{
	struct buf text = {0};

	note(inside, path);
	if (fs_read_at(AT_FDCWD, path, LARGEST_TEXT, &text, err) == 0) {
		*ret_length = text.length;
		*ret_text = buf_take(&text);
		return 1;
	}
	buf_done(&text);
	return err->number == ENOENT || err->number == ENOTDIR ? 0 : -1;
}

bool
locate_exists(struct inside *inside, const char *path)
{
	note(inside, path);
	return faccessat(AT_FDCWD, path, F_OK, 0) == 0;
}

/* The two forms a recipe has: root/NAME.lua and root/NAME/recipe.lua. */
static int
read_form(struct inside *inside, const char *root, const char *name, bool is_folder,
	struct source **ret_source, struct err *err)
{
	const char *tail = is_folder ? "/recipe.lua" : ".lua";
	cleanup_free char *path = mem_printf("%s/%s%s", root, name, tail);
	bool is_library = inside->library && strcmp(root, inside->library) == 0;
	char *text = NULL;
	size_t length = 0;
	int found = locate_read(inside, path, &text, &length, err);

	if (found <= 0) {
		return found;
	}
	struct source *source = mem_zalloc(1, sizeof(*source));
	bool is_beside = strcmp(root, inside->root) == 0;
	source->display =
		is_beside ? mem_printf("%s%s%s", inside->display_dir, name, tail) : steal(path);
	source->is_library = is_library && !is_beside;
	source->where = mem_printf("%s%s%s", source->is_library ? "library/" : "", name, tail);
	source->dir = mem_strdup(is_folder ? name : ".");
	source->root = mem_strdup(root);
	source->text = text;
	source->length = length;
	*ret_source = source;
	return 1;
}

int
locate_sibling(struct inside *inside, const struct source *from, const char *name,
	struct source **ret_source, struct err *err)
{
	const char *const roots[] = {from->root, inside->library};

	for (size_t i = 0; i < 4; i++) {
		const char *root = roots[i / 2];
		if (!root || (i >= 2 && strcmp(root, from->root) == 0)) {
			continue;
		}
		int found = read_form(inside, root, name, i % 2, ret_source, err);
		if (found != 0) {
			return found;
		}
	}
	return 0;
}

char **
locate_names(struct inside *inside, const struct source *from, size_t *ret_count)
{
	char **names = NULL;

	*ret_count = 0;
	list_names(from->root, &names, ret_count);
	if (inside->library && strcmp(inside->library, from->root) != 0) {
		list_names(inside->library, &names, ret_count);
	}
	return names;
}
