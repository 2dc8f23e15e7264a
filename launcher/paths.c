/* SPDX-License-Identifier: MIT */
#include "paths.h"

#include "base/arena.h"
#include "base/buf.h"

#include <string.h>

const char *
path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *
path_dir(struct arena *arena, const char *path)
{
	const char *name = path_name(path);

	return name == path ? "" : arena_strndup(arena, path, (size_t)(name - path) - 1);
}

const char *
path_resources(const char *path)
{
	static const char folder[] = "brun-resources.d/";

	return strncmp(path, folder, sizeof(folder) - 1) == 0
		       ? strchr(path + sizeof(folder) - 1, '/')
		       : NULL;
}

/* Is there a whole component at both places, and the same one? Its length with the slash. */
static size_t
common_component(const char *a, const char *b)
{
	size_t length = strcspn(a, "/");

	if (length == 0 || length != strcspn(b, "/") || memcmp(a, b, length) != 0) {
		return 0;
	}
	return length;
}

const char *
path_relative(struct arena *arena, const char *from_dir, const char *to)
{
	cleanup_buf struct buf path = {0};

	for (size_t length; (length = common_component(from_dir, to)) > 0;) {
		from_dir += length + (from_dir[length] == '/');
		to += length + (to[length] == '/');
	}
	while (*from_dir) {
		buf_puts(&path, path.length > 0 ? "/.." : "..");
		from_dir += strcspn(from_dir, "/");
		from_dir += *from_dir == '/';
	}
	if (*to) {
		buf_printf(&path, "%s%s", path.length > 0 ? "/" : "", to);
	}
	return arena_strdup(arena, buf_text(&path));
}

const char *
path_clean(struct arena *arena, const char *path)
{
	char *clean = arena_strdup(arena, path), *end = clean;

	for (const char *at = path; *at; at += strspn(at, "/")) {
		size_t length = strcspn(at, "/");
		if (length == 2 && strncmp(at, "..", 2) == 0) {
			while (end > clean && *--end != '/') {
			}
		} else {
			if (end > clean) {
				*end++ = '/';
			}
			memmove(end, at, length);
			end += length;
		}
		at += length;
	}
	*end = '\0';
	return clean;
}
