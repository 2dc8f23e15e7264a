/* SPDX-License-Identifier: MIT */
#include "launchers.h"

#include "base/arena.h"
#include "base/err.h"
#include "bundle.h"
#include "entries.h"
#include "glibc.h"
#include "image.h"
#include "pack.h"
#include "paths.h"
#include "plan/runtime.h"
#include "sources.h"
#include "symbols.h"
#include "wrap.h"
#include "written.h"

#include <string.h>

struct making {
	const struct pack_spec *spec;
	struct arena *arena;
	const struct entries *entries;
	const struct wraps *wraps;
};

/* The start-up part of a closure as the launcher is told it. ld.so compares each absolute name with
 * every other: for so many libraries that takes longer than the first search of a directory, with
 * its tries for other processors' libraries, takes once. It finds the same where nothing but the
 * bundle's one directory is to be searched: libraries from elsewhere lose their search paths. */
static void
list_needed(const struct wrap *wrap, struct arena *arena, struct image_spec *ret_image)
{
	enum { MANY = 24 };
	const struct closure *closure = &wrap->closure;
	const char **list = arena_alloc(arena, closure->count, sizeof(*list));
	bool *is_named = arena_alloc(arena, closure->count, sizeof(*is_named));
	bool is_flat = !wrap->runpath || !*wrap->runpath;
	size_t count = 0;

	for (size_t i = 1; i < closure->started; i++) {
		const char *shipped = bundle_shipped(closure, i);
		/* without a slash it would be taken for a name in the flat directory */
		bool has_place = shipped && strchr(shipped, '/');
		is_named[count] = closure->items[i].is_named;
		list[count++] = has_place ? shipped : closure->items[i].name;
		is_flat &= !has_place;
	}
	ret_image->needed = list;
	ret_image->is_named = is_named;
	ret_image->needed_count = count;
	ret_image->is_searched = closure->is_glibc && is_flat && count >= MANY;
}

static void
add_env(struct runtime_env *list, size_t *count, const struct runtime_env *env, size_t more)
{
	if (more > 0) {
		memcpy(list + *count, env, more * sizeof(*env));
		*count += more;
	}
}

/* What the caller asks for comes first, for the rest may build on it. */
static const struct runtime_env *
env_list(const struct making *making, const struct wrap *wrap, size_t *ret_count)
{
	const struct pack_spec *spec = making->spec;
	const struct furnished *furnished = &wrap->furnished;
	struct arena *arena = making->arena;
	struct runtime_env *list = arena_alloc(
		arena, spec->env_count + furnished->env_count + wrap->env_count + 2, sizeof(*list));
	size_t count = 0;

	add_env(list, &count, spec->env, spec->env_count);
	add_env(list, &count, furnished->env, furnished->env_count);
	add_env(list, &count, wrap->env, wrap->env_count);
	*ret_count =
		count + glibc_env(wrap->bundle, making->entries, wrap->use, arena, list + count);
	return list;
}

static int
build_launcher(const struct making *making, struct image_spec *image, struct packed_entry *entry,
	struct err *err)
{
	struct arena *arena = making->arena;

	image->up = path_relative(arena, path_dir(arena, entry->path), "");
	entry->has_contents = true;
	return image_build(image, &entry->contents, err) < 0 ? err_wrap(err, "'%s'", entry->path)
							     : 0;
}

static bool
is_same_operation(const struct runtime_env *one, const struct runtime_env *two)
{
	const char *values[] = {one->value, two->value, one->separator, two->separator};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		values[i] = values[i] ? values[i] : "";
	}
	return one->verb == two->verb && strcmp(one->name, two->name) == 0 &&
	       strcmp(values[0], values[1]) == 0 && strcmp(values[2], values[3]) == 0;
}

/* The visible launcher of a script's interpreter, where it is made here, too. */
static const struct wrap *
find_interpreter(const struct making *making, const struct wrap *script)
{
	for (size_t i = 0; i < making->wraps->count; i++) {
		const struct wrap *wrap = &making->wraps->items[i];
		if (wrap->kind == CONFIG_DYNAMIC && wrap->program == script->program) {
			return wrap;
		}
	}
	return NULL;
}

/* What is left to do for a script whose interpreter's visible launcher is executed: what that one
 * does not do. */
static const struct runtime_env *
runner_env(const struct making *making, const struct wrap *wrap, size_t *ret_count)
{
	const struct wrap *interpreter = find_interpreter(making, wrap);
	size_t count, others = 0, left = 0;
	const struct runtime_env *list = env_list(making, wrap, &count);
	const struct runtime_env *other =
		interpreter ? env_list(making, interpreter, &others) : NULL;
	struct runtime_env *rest = arena_alloc(making->arena, count + 1, sizeof(*rest));

	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < others && !is_same_operation(&list[i], &other[k])) {
			k++;
		}
		if (k == others) {
			rest[left++] = list[i];
		}
	}
	*ret_count = left;
	return rest;
}

/* Starts a script by executing the launcher of its interpreter, which sees to all else where it is
 * the script's own. */
static int
make_runner(const struct making *making, const struct wrap *wrap, struct err *err)
{
	struct image_spec image = {
		.machine = wrap->program->elf.header.e_machine,
		.kind = CONFIG_RUN,
		.is_glibc = wrap->closure.is_glibc,
		.id = wrap->bundle->id,
		.program = wrap->runs,
		.argv0 = wrap->argv0,
		.argument = wrap->argument,
		.script = wrap->script,
	};

	if (!wrap->inner) {
		image.env = runner_env(making, wrap, &image.env_count);
	}
	return build_launcher(making, &image, wrap->entry, err);
}

/* Maps the program and its interpreter; in the place of `entry`. */
static int
make_mapper(const struct making *making, const struct wrap *wrap, struct packed_entry *entry,
	struct err *err)
{
	const struct closure *closure = &wrap->closure;
	bool is_static = wrap->kind == CONFIG_STATIC;
	struct image_spec image = {
		.machine = wrap->program->elf.header.e_machine,
		.kind = wrap->runs ? CONFIG_DYNAMIC : wrap->kind,
		.is_glibc = closure->is_glibc,
		.written = written_at_start(&wrap->program->elf),
		.id = wrap->bundle->id,
		.program = wrap->is_payload ? NULL : wrap->exe,
		.interpreter = is_static ? NULL : wrap->bundle->interpreter,
		.library_dir = is_static ? NULL : "lib",
		.runpath = wrap->runpath,
		.payload = wrap->is_payload ? wrap->program->data : NULL,
		.payload_size = wrap->is_payload ? wrap->program->size : 0,
		.debug = closure->interpreter ? symbols_debug_address(&closure->interpreter->elf)
					      : 0,
	};

	if (image.kind == CONFIG_SCRIPT) {
		image.argv0 = wrap->argv0;
		image.argument = wrap->argument;
		image.script = wrap->script;
	}
	image.env = env_list(making, wrap, &image.env_count);
	list_needed(wrap, making->arena, &image);
	return build_launcher(making, &image, entry, err);
}

static int
make_launcher(const struct making *making, const struct wrap *wrap, struct err *err)
{
	if (!wrap->runs) {
		return make_mapper(making, wrap, wrap->entry, err);
	}
	if (make_runner(making, wrap, err) < 0) {
		return -1;
	}
	return wrap->inner ? make_mapper(making, wrap, wrap->inner, err) : 0;
}

int
launchers_make(const struct pack_spec *spec, struct arena *arena, const struct entries *entries,
	const struct wraps *wraps, struct err *err)
{
	const struct making making = {spec, arena, entries, wraps};

	for (size_t i = 0; i < wraps->count; i++) {
		if (make_launcher(&making, &wraps->items[i], err) < 0) {
			return -1;
		}
	}
	return 0;
}
