/* SPDX-License-Identifier: MIT */
#include "script_data.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "entries.h"
#include "notes.h"
#include "paths.h"
#include "shell.h"
#include "sources.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20 };

/* One pass over one script. */
struct pass {
	struct sources *sources;
	const struct source *source;
	const char *text;
	size_t max, count;
	const char **found;

	/* Only where the text is written anew: */
	const struct entries *entries;
	const char *dir; /* of the script in the output */
	struct buf *now;
	size_t copied; /* so much of the text is in `now` */
};

static int
read_text(const struct file *script, struct buf *ret_text, struct err *err)
{
	cleanup_fd int fd = file_open(script, err);

	if (script->size > TEXT_MAX) {
		return 0;
	}
	return fd < 0 || fs_read_all(fd, TEXT_MAX, ret_text, err) < 0 ? -1 : 0;
}

/* Where a path lies in the source once the links above it are followed; NULL where it is nowhere,
 * or ends in no name of its own. */
static const char *
place_in_source(const struct pass *pass, const char *path)
{
	struct arena *arena = &pass->sources->arena;
	const char *slash = strrchr(path, '/');
	const char *above = arena_strndup(arena, path, (size_t)(slash - path));
	const char *dir = source_resolve(pass->sources, pass->source, *above ? above : "/");

	if (!dir || strcmp(slash, "/") == 0 || strcmp(slash, "/.") == 0 ||
		strcmp(slash, "/..") == 0 || !source_resolve(pass->sources, pass->source, path)) {
		return NULL;
	}
	return arena_printf(arena, "%s%s%s", dir, *dir ? "/" : "", slash + 1);
}

static const char *
path_text(const struct pass *pass, const struct shell_path *path)
{
	size_t length = path->length;

	while (length > 1 && pass->text[path->at + length - 1] == '/') {
		length--;
	}
	return arena_strndup(&pass->sources->arena, pass->text + path->at, length);
}

/* Names in /usr/lib, /usr/share and the like that many packages have files in, or that are a whole
 * world of their own (FHS 3.0, "4.6 /usr/lib", "4.11 /usr/share"; Debian's and Fedora's trees). */
static bool
is_shared(const char *name)
{
	static const char *const names[] = {"applications", "bash-completion", "binfmts",
		"ca-certificates", "common-licenses", "dbus-1", "debconf", "debug", "dict", "dkms",
		"doc", "doc-base", "dpkg", "fonts", "games", "gcc", "gcc-*", "gconv",
		"girepository-1.0", "glib-2.0", "icons", "info", "java", "jvm", "locale", "man",
		"menu", "metainfo", "mime", "modules", "perl*", "php", "pixmaps", "pkgconfig",
		"python*", "ruby", "sasl2", "security", "sounds", "ssl", "systemd", "sysctl.d",
		"sysusers.d", "tcltk", "terminfo", "themes", "tmpfiles.d", "udev", "X11", "xml",
		"zoneinfo", "zsh", "*-linux-gnu*"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (fnmatch(names[i], name, 0) == 0) {
			return true;
		}
	}
	return false;
}

/* "usr/lib/erlang" of a path below it; NULL where there is no such directory. */
static const char *
private_part(struct arena *arena, const char *path)
{
	static const char *const tops[] = {
		"usr/lib/", "usr/libexec/", "usr/lib64/", "usr/share/", "opt/"};

	for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++) {
		size_t length = strlen(tops[i]);
		if (strncmp(path, tops[i], length) != 0) {
			continue;
		}
		size_t size = strcspn(path + length, "/");
		const char *name = arena_strndup(arena, path + length, size);
		if (fnmatch("*-linux-gnu*", name, 0) == 0 && path[length + size] == '/') {
			length += size + 1;
			size = strcspn(path + length, "/");
			name = arena_strndup(arena, path + length, size);
		}
		return size == 0 || is_shared(name) || fnmatch("*.so*", name, 0) == 0
			       ? NULL
			       : arena_strndup(arena, path, length + size);
	}
	return NULL;
}

static void
find_private(void *context, const struct shell_path *path)
{
	struct pass *pass = context;
	const char *place = path->is_start ? NULL : place_in_source(pass, path_text(pass, path));
	const char *private = place ? private_part(&pass->sources->arena, place) : NULL;

	for (size_t i = 0; private && i < pass->count; i++) {
		if (strcmp(pass->found[i], private) == 0) {
			return;
		}
	}
	if (private && pass->count < pass->max) {
		pass->found[pass->count++] = private;
	}
}

int
script_data_find(struct sources *sources, struct file *script, size_t max, const char **ret_found,
	size_t *ret_count, struct err *err)
{
	cleanup_buf struct buf text = {0};

	if (read_text(script, &text, err) < 0) {
		return -1;
	}
	struct pass pass = {sources, script->source, buf_text(&text), max, 0, ret_found};
	bool is_certain = shell_each_path(pass.text, text.length, find_private, &pass);
	*ret_count = is_certain ? pass.count : 0;
	return 0;
}

/* Where a path of the root lies in the output; NULL where it does not. */
static const char *
place_in_output(const struct pass *pass, const char *path)
{
	const char *place = place_in_source(pass, path);
	const char *to = place && strncmp(place, "usr/", 4) == 0 ? place + 4 : place;

	if (to && entries_find(pass->entries, to)) {
		return to;
	}
	return place && entries_find(pass->entries, place) ? place : NULL;
}

/* A script that names directories of its own means those, too, by a "/usr/$x": not the host's. */
static void
put_relative(void *context, const struct shell_path *path)
{
	struct pass *pass = context;
	const char *to = path->is_start ? "" : place_in_output(pass, path_text(pass, path));
	const char *up = to ? path_relative(&pass->sources->arena, pass->dir, to) : NULL;

	if (up && (!path->is_start || pass->count > 0)) {
		buf_add(pass->now, pass->text + pass->copied, path->at - pass->copied);
		buf_printf(pass->now, "%s%s%s", path->is_quoted ? "${0%/*}/" : "\"${0%/*}\"/", up,
			path->is_start ? "/" : "");
		pass->copied = path->at + path->length;
		pass->count++;
	}
}

int
script_data_relocate(struct sources *sources, const struct entries *entries,
	struct packed_entry *text, struct notes *notes, struct err *err)
{
	cleanup_buf struct buf old = {0}, now = {0};

	if (read_text(text->file, &old, err) < 0) {
		return err_wrap(err, "reading '%s'", text->path);
	}
	struct pass pass = {
		.sources = sources,
		.source = text->file->source,
		.text = buf_text(&old),
		.entries = entries,
		.dir = path_dir(&sources->arena, text->path),
		.now = &now,
	};
	if (!shell_each_path(pass.text, old.length, put_relative, &pass)) {
		notes_add(notes,
			"script %s: its quotes are not understood, its paths stay as they are",
			text->path);
		return 0;
	}
	if (pass.count > 0) {
		buf_add(&now, pass.text + pass.copied, old.length - pass.copied);
		text->has_contents = true;
		text->contents = now;
		now = (struct buf){0};
	}
	return 0;
}
