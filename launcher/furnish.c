/* SPDX-License-Identifier: MIT */
#include "furnish.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "notes.h"
#include "pack.h"
#include "paths.h"
#include "rewrite.h"
#include "rules.h"
#include "script_data.h"
#include "shell.h"
#include "sources.h"
#include "take.h"
#include "trigger.h"
#include "wrap.h"

#include <fnmatch.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { FOUND_MAX = 64 };

/* A rule on its way through one program. */
struct applying {
	struct furnishing *furnishing;
	const struct wrap *wrap;
	const struct rule *rule;
	const struct file *trigger; /* the program, or the library that the rule is about */
	const struct source *source;
	const char *below;	      /* what the source's prefix is called there: "usr/" or "" */
	const char *found[FOUND_MAX]; /* from the source's top */
	size_t found_count, more_count;
};

/* "python3.11" in the name of python3.11 or libpython3.11.so.1.0. */
static bool
is_named(const struct file *file, const char *name)
{
	return strstr(path_name(file->path), name) != NULL;
}

/* "/usr/lib/php/20220829" of one php and not of another that is there, too. */
static bool
is_spelled(const struct applying *applying, const char *path)
{
	cleanup_free char *whole = mem_printf("%s/%s", applying->source->prefix, path);

	return rule_names(applying->wrap->program, whole);
}

static void
see(void *context, const char *path)
{
	struct applying *applying = context;
	struct arena *arena = &applying->furnishing->sources->arena;
	const struct rule *rule = applying->rule;

	if ((rule->is_spelled || rule->is_opened) && !is_spelled(applying, path)) {
		return;
	}
	if ((applying->rule->is_first && applying->found_count > 0) ||
		(applying->rule->is_named && !is_named(applying->trigger, path_name(path)))) {
		return;
	}
	if (applying->found_count < FOUND_MAX) {
		applying->found[applying->found_count++] = arena_strdup(arena, path);
	} else {
		applying->more_count++;
	}
}

static void
look_in(struct applying *applying, const struct source *source)
{
	bool is_root = *source->prefix == '\0';

	applying->source = source;
	applying->below = is_root ? "usr/" : "";
	for (const char *const *data = applying->rule->data; *data; data++) {
		if (**data == '/' && !is_root) {
			continue;
		}
		cleanup_free char *pattern = mem_printf(
			"%s%s", **data == '/' ? "" : applying->below, *data + (**data == '/'));
		take_find(applying->furnishing->sources, source, pattern, see, applying);
	}
}

/* What ships comes first, then the tree that the program or library itself is from, then what
 * shares a prefix with that: a base has data of its own programs. */
static bool
look(struct applying *applying)
{
	const struct sources *sources = applying->furnishing->sources;

	for (size_t i = 0; i < sources->count && applying->found_count == 0; i++) {
		if (sources->items[i].is_shipped) {
			look_in(applying, &sources->items[i]);
		}
	}
	if (applying->found_count == 0) {
		look_in(applying, applying->trigger->source);
	}
	for (size_t i = 0; i < sources->count && applying->found_count == 0; i++) {
		if (strcmp(sources->items[i].prefix, applying->trigger->source->prefix) == 0) {
			look_in(applying, &sources->items[i]);
		}
	}
	return applying->found_count > 0;
}

/* A rule's place with its letters filled in. */
static const char *
fill_place(const struct applying *applying, const char *path)
{
	const char *visible = applying->wrap->entry->path;
	struct arena *arena = &applying->furnishing->sources->arena;
	cleanup_buf struct buf place = {0};

	for (const char *at = applying->rule->place; *at; at++) {
		char letter = *at == '%' ? *++at : '\0';
		if (letter) {
			buf_puts(&place, letter == 'p'	 ? visible
					 : letter == 'd' ? path_dir(arena, visible)
							 : path_name(path));
		} else {
			buf_putc(&place, *at);
		}
	}
	return path_clean(arena, buf_text(&place));
}

/* Below the prefix in its tree, below the top in the output; what ships stays where it is. */
static const char *
output_path(const struct applying *applying, const char *path)
{
	if (applying->rule->place && !applying->source->is_shipped) {
		return fill_place(applying, path);
	}
	size_t length = applying->source->is_shipped ? 0 : strlen(applying->below);

	return strncmp(path, applying->below, length) == 0 ? path + length : path;
}

/* The same data for the same rule; another rule may leave out less of them. */
static const struct furniture *
find_taken(const struct applying *applying, const char *to, const char *from)
{
	const struct furnishing *furnishing = applying->furnishing;

	for (size_t i = 0; i < furnishing->taken_count; i++) {
		const struct furniture *taken = furnishing->taken[i];
		if (strcmp(taken->path, to) == 0 && taken->source == applying->source &&
			strcmp(taken->from, from) == 0 &&
			strcmp(taken->rule, applying->rule->name) == 0) {
			return taken;
		}
	}
	return NULL;
}

static const struct furniture *
add_taken(struct furnishing *furnishing, const struct furniture *furniture)
{
	struct furniture *kept = arena_alloc(&furnishing->sources->arena, 1, sizeof(*kept));

	*kept = *furniture;
	furnishing->taken = mem_resize(
		furnishing->taken, furnishing->taken_count + 1, sizeof(*furnishing->taken));
	return furnishing->taken[furnishing->taken_count++] = kept;
}

/* Room for one more; what an old, smaller array took stays in the arena. */
static void *
grown(struct arena *arena, const void *items, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0) {
		return (void *)(uintptr_t)items;
	}
	void *more = arena_alloc(arena, count > 0 ? 2 * count : 1, size);
	if (count > 0) {
		memcpy(more, items, count * size);
	}
	return more;
}

/* The program's own string that names the directory at `from` is to name that at `to`. */
static void
lead_modules(const struct applying *applying, const char *from, const char *to,
	struct furnished *furnished)
{
	const struct furnishing *furnishing = applying->furnishing;
	struct arena *arena = &furnishing->sources->arena;
	const char *visible = applying->wrap->entry->path;
	const char *old = arena_printf(arena, "%s/%s", applying->source->prefix, from);
	const char *new = arena_printf(
		arena, "$ORIGIN/%s", path_relative(arena, path_dir(arena, visible), to));

	if (applying->wrap->is_payload ||
		!rewrite_string(applying->wrap->program, old, new, arena, &furnished->changes)) {
		notes_add(furnishing->notes, "%s: modules are loaded from %s, that is the host's",
			visible, old);
	}
}

static int
take_found(const struct applying *applying, const char *from, struct furnished *furnished,
	struct err *err)
{
	struct furnishing *furnishing = applying->furnishing;
	const char *to = output_path(applying, from);
	const struct furniture *taken = find_taken(applying, to, from);
	const struct taking taking = {
		.sources = furnishing->sources,
		.source = applying->source,
		.except = applying->rule->except,
		.has_programs = applying->rule->has_programs,
		.is_whole = applying->rule->is_whole,
		.entries = furnishing->entries,
		.more = &furnishing->more,
		.index = &furnishing->index,
		.is_again = &furnishing->is_again,
		.notes = furnishing->notes,
	};

	if (applying->source->is_shipped) {
		return 0;
	}
	if (!taken) {
		const struct furniture new = {to, from, applying->rule->name, applying->source};
		taken = add_taken(furnishing, &new);
		if (take(&taking, from, to, err) < 0) {
			return err_wrap(err, "what %s looks for", applying->wrap->entry->path);
		}
	}
	if (applying->rule->is_opened) {
		lead_modules(applying, from, to, furnished);
	}
	furnished->data = grown(&furnishing->sources->arena, furnished->data, furnished->data_count,
		sizeof(const struct furniture *));
	furnished->data[furnished->data_count++] = taken;
	return 0;
}

static const char *
operation_value(const struct applying *applying, const char *text)
{
	cleanup_buf struct buf value = {0};
	const char *place = strstr(text, "%s");

	buf_add(&value, text, place ? (size_t)(place - text) : strlen(text));
	for (size_t i = 0; place && i < applying->found_count; i++) {
		buf_printf(&value, "%s${ROOT}/%s", i > 0 ? ":" : "",
			output_path(applying, applying->found[i]));
	}
	buf_puts(&value, place ? place + 2 : "");
	return arena_strdup(&applying->furnishing->sources->arena, buf_text(&value));
}

static bool
is_set(const struct runtime_env *env, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(env[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

static bool
is_seen_to(const struct applying *applying)
{
	const struct pack_spec *spec = applying->furnishing->spec;

	for (size_t i = 0; i < RULE_OPERATIONS && applying->rule->operations[i].name; i++) {
		if (is_set(spec->env, spec->env_count, applying->rule->operations[i].name)) {
			return true;
		}
	}
	return false;
}

/* The value that an earlier rule gave the variable, or NULL. */
static struct runtime_env *
find_env(const struct furnished *furnished, const char *name)
{
	for (size_t i = 0; i < furnished->env_count; i++) {
		if (strcmp(furnished->env[i].name, name) == 0) {
			return &furnished->env[i];
		}
	}
	return NULL;
}

static void
operate(const struct applying *applying, const char *name, const char *text,
	struct furnished *furnished)
{
	struct arena *arena = &applying->furnishing->sources->arena;
	struct runtime_env *there = find_env(furnished, name);
	const char *value = operation_value(applying, text + (*text == ':'));

	if (there && *text == ':' && !strstr(there->value, value)) {
		there->value = arena_printf(arena, "%s:%s", there->value, value);
	}
	if (there) {
		return;
	}
	furnished->env =
		grown(arena, furnished->env, furnished->env_count, sizeof(*furnished->env));
	furnished->env[furnished->env_count++] =
		(struct runtime_env){.verb = ENV_DEFAULT, .name = name, .value = value};
}

static int
apply(struct applying *applying, struct furnished *furnished, struct err *err)
{
	const struct rule *rule = applying->rule;

	if (rule->note) {
		notes_add(applying->furnishing->notes, "%s: %s", applying->wrap->entry->path,
			rule->note);
	}
	if (!rule->data[0] || is_seen_to(applying) || !look(applying)) {
		return 0;
	}
	if (applying->more_count > 0) {
		notes_add(applying->furnishing->notes,
			"%s: of what the rule '%s' finds, %zu things are left out, for they are too many",
			applying->wrap->entry->path, rule->name, applying->more_count);
	}
	for (size_t i = 0; i < applying->found_count; i++) {
		if (take_found(applying, applying->found[i], furnished, err) < 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < RULE_OPERATIONS && rule->operations[i].name; i++) {
		operate(applying, rule->operations[i].name, rule->operations[i].value, furnished);
	}
	return 0;
}

/* What another one of the closure needs is a file of its own: its name says what it is. */
static void
keep_names(const struct rule *rule, struct closure *closure)
{
	for (size_t i = 1; rule->keeps_names && i < closure->count; i++) {
		struct library *library = &closure->items[i];
		for (const char *const *start = rule->libraries; *start; start++) {
			library->keeps_name |= strncmp(library->name, *start, strlen(*start)) == 0;
		}
	}
}

int
furnish_libraries(struct furnishing *furnishing, struct wrap *wrap, struct err *err)
{
	const struct file *trigger;
	bool is_found;

	for (const struct rule *rule = rules; rule->name && !furnishing->spec->no_rules; rule++) {
		if ((!rule->opens[0] && !rule->keeps_names) || !rule_holds(rule, wrap, &trigger)) {
			continue;
		}
		keep_names(rule, &wrap->closure);
		for (const char *const *name = rule->opens; *name; name++) {
			if (closure_open(furnishing->sources, &wrap->closure, *name, &is_found,
				    err) < 0) {
				return err_wrap(err, "which %s opens (rule '%s')",
					wrap->entry->path, rule->name);
			}
		}
	}
	return 0;
}

/* What a wrapper script of a root file system starts and names. */
static int
furnish_script(struct furnishing *furnishing, const struct wrap *wrap, struct furnished *furnished,
	struct err *err)
{
	static const struct rule rule = {.name = "script", .has_programs = true, .is_whole = true};
	struct file *script = wrap->entry->file;
	struct applying applying = {.furnishing = furnishing,
		.wrap = wrap,
		.rule = &rule,
		.trigger = script,
		.source = script->source,
		.below = "usr/"};

	if (wrap->kind != CONFIG_SCRIPT || script->source->is_shipped || *script->source->prefix ||
		!shell_is_one(wrap->program_name)) {
		return 0;
	}
	if (script_data_find(furnishing->sources, script, FOUND_MAX, applying.found,
		    &applying.found_count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < applying.found_count; i++) {
		if (take_found(&applying, applying.found[i], furnished, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
furnish(struct furnishing *furnishing, const struct wrap *wrap, struct furnished *ret_furnished,
	struct err *err)
{
	struct furnished furnished = {0};

	for (const struct rule *rule = rules; rule->name && !furnishing->spec->no_rules; rule++) {
		struct applying applying = {.furnishing = furnishing, .wrap = wrap, .rule = rule};
		if (rule_holds(rule, wrap, &applying.trigger) &&
			apply(&applying, &furnished, err) < 0) {
			return -1;
		}
	}
	if (!furnishing->spec->no_rules && furnish_script(furnishing, wrap, &furnished, err) < 0) {
		return -1;
	}
	*ret_furnished = furnished;
	return 0;
}

static void
keep_node(void *node)
{
	(void)node;
}

int
furnishing_merge(struct furnishing *furnishing, struct entries *entries, struct err *err)
{
	bool is_more = furnishing->more.count > 0 || furnishing->is_again;

	tdestroy(furnishing->index, keep_node);
	furnishing->index = NULL;
	furnishing->is_again = false;
	return entries_merge(entries, &furnishing->more, err) < 0 ? -1 : is_more;
}

void
furnishing_done(struct furnishing *furnishing)
{
	tdestroy(furnishing->index, keep_node);
	entries_done(&furnishing->more);
	free(furnishing->taken);
}
