/* SPDX-License-Identifier: MIT */
/* The JSON form of a lock. Version 1:
 *
 *	{ "version": 1, "suite": "bookworm", "component": "main", "architecture": "amd64",
 *	  "wanted": [NAME, …], "assumed": [NAME, …],
 *	  "packages": { NAME: { "version", "path", "sha256", "size", "depends": [NAME, …] }, … } }
 *
 * Keys and names are sorted, a package is a block of lines, its "depends" are one line: what
 * changed can be read in a diff. "path" is below the archive's root. */
#include "debian/debian_lock.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "debian/debian_version.h"

#include <jansson.h>
#include <string.h>

void
debian_names_add(struct debian_names *names, struct arena *arena, const char *name)
{
	size_t at = 0;

	while (at < names->count && strcmp(names->items[at], name) < 0) {
		at++;
	}
	if (at < names->count && strcmp(names->items[at], name) == 0) {
		return;
	}
	/* Full whenever the count is a power of two: then twice the room. */
	if ((names->count & (names->count - 1)) == 0) {
		const char **grown = arena_alloc(
			arena, names->count ? 2 * names->count : 1, sizeof(*names->items));
		if (names->count > 0) {
			memcpy(grown, names->items, names->count * sizeof(*grown));
		}
		names->items = grown;
	}
	memmove(names->items + at + 1, names->items + at,
		(names->count - at) * sizeof(*names->items));
	names->items[at] = arena_strdup(arena, name);
	names->count++;
}

bool
debian_names_remove(struct debian_names *names, const char *name)
{
	size_t at = 0;

	while (at < names->count && strcmp(names->items[at], name) != 0) {
		at++;
	}
	if (at == names->count) {
		return false;
	}
	/* The count may fall back to a power of two: the next addition then copies once more. */
	memmove(names->items + at, names->items + at + 1,
		(names->count - at - 1) * sizeof(*names->items));
	names->count--;
	return true;
}

static int
compare_name(const void *name, const void *item)
{
	return strcmp(name, *(const char *const *)item);
}

bool
debian_names_has(const struct debian_names *names, const char *name)
{
	return names->count > 0 &&
	       bsearch(name, names->items, names->count, sizeof(*names->items), compare_name);
}

void
debian_lock_done(struct debian_lock *lock)
{
	arena_done(&lock->arena);
	*lock = (struct debian_lock){0};
}

static int
wrong(struct err *err, const char *where, const char *field, const char *expected)
{
	return err_fail(err, STATUS_RECIPE, "%s\"%s\" should be %s", where, field, expected);
}

static int
take_names(const json_t *object, const char *where, const char *field, struct arena *arena,
	struct debian_names *ret_names, struct err *err)
{
	const json_t *array = json_object_get(object, field), *item;
	size_t i;

	if (!json_is_array(array)) {
		return wrong(err, where, field, "a list of package names");
	}
	json_array_foreach(array, i, item)
	{
		const char *name = json_string_value(item);
		if (!name || !debian_is_name(name)) {
			return wrong(err, where, field, "a list of package names");
		}
		debian_names_add(ret_names, arena, name);
	}
	return 0;
}

/* suite, component and architecture become parts of a path. */
static int
take_word(const json_t *object, const char *field, struct arena *arena, const char **ret_word,
	struct err *err)
{
	const char *word = json_string_value(json_object_get(object, field));

	if (!word || !debian_is_name(word)) {
		return wrong(err, "", field, "a word of lower-case letters and digits");
	}
	*ret_word = arena_strdup(arena, word);
	return 0;
}

static int
take_pin(const char *name, const json_t *object, struct arena *arena, struct debian_pin *pin,
	struct err *err)
{
	const char *version = json_string_value(json_object_get(object, "version"));
	const char *path = json_string_value(json_object_get(object, "path"));
	const char *sha256 = json_string_value(json_object_get(object, "sha256"));
	const json_t *size = json_object_get(object, "size");
	cleanup_free char *where = mem_printf("package '%.80s': ", name);

	if (!debian_is_name(name)) {
		return err_fail(err, STATUS_RECIPE, "'%.80s' is not a package name", name);
	}
	if (!version || !debian_is_version(version)) {
		return wrong(err, where, "version", "a Debian version");
	}
	if (!path || !debian_is_path(path)) {
		return wrong(err, where, "path", "a path that begins with pool/");
	}
	if (!sha256 || !digest_parse(sha256, &pin->sha256)) {
		return wrong(err, where, "sha256", "64 lower-case hex digits");
	}
	if (!json_is_integer(size) || json_integer_value(size) < 0) {
		return wrong(err, where, "size", "a number of bytes");
	}
	pin->name = arena_strdup(arena, name);
	pin->version = arena_strdup(arena, version);
	pin->path = arena_strdup(arena, path);
	pin->size = (uint64_t)json_integer_value(size);
	return take_names(object, where, "depends", arena, &pin->depends, err);
}

static int
compare_pins(const void *a, const void *b)
{
	return strcmp(((const struct debian_pin *)a)->name, ((const struct debian_pin *)b)->name);
}

static int
take_pins(json_t *document, struct debian_lock *lock, struct err *err)
{
	json_t *packages = json_object_get(document, "packages"), *object;
	const char *name;

	if (!json_is_object(packages)) {
		return wrong(err, "", "packages", "an object of packages");
	}
	lock->pins = arena_alloc(&lock->arena, json_object_size(packages), sizeof(*lock->pins));
	json_object_foreach(packages, name, object)
	{
		if (take_pin(name, object, &lock->arena, &lock->pins[lock->count], err) < 0) {
			return -1;
		}
		lock->count++;
	}
	if (lock->count > 0) {
		qsort(lock->pins, lock->count, sizeof(*lock->pins), compare_pins);
	}
	return 0;
}

static bool
is_pinned(const struct debian_lock *lock, const char *name)
{
	struct debian_pin wanted = {.name = name};

	return lock->count > 0 &&
	       bsearch(&wanted, lock->pins, lock->count, sizeof(*lock->pins), compare_pins);
}

/* Everything that is wanted or needed must be there; a lock that is yet to be filled has
 * nothing. */
static int
check_closed(const struct debian_lock *lock, struct err *err)
{
	for (size_t i = 0; lock->count > 0 && i < lock->wanted.count; i++) {
		if (!is_pinned(lock, lock->wanted.items[i])) {
			return err_fail(err, STATUS_RECIPE,
				"'%s' is wanted and not in \"packages\"", lock->wanted.items[i]);
		}
	}
	for (size_t i = 0; i < lock->count; i++) {
		const struct debian_pin *pin = &lock->pins[i];
		for (size_t j = 0; j < pin->depends.count; j++) {
			if (!is_pinned(lock, pin->depends.items[j])) {
				return err_fail(err, STATUS_RECIPE,
					"'%s' depends on '%s', which is not in \"packages\"",
					pin->name, pin->depends.items[j]);
			}
		}
	}
	return 0;
}

static int
take_document(json_t *document, struct debian_lock *lock, struct err *err)
{
	if (json_integer_value(json_object_get(document, "version")) != 1) {
		return wrong(err, "", "version", "1");
	}
	if (take_word(document, "suite", &lock->arena, &lock->suite, err) < 0 ||
		take_word(document, "component", &lock->arena, &lock->component, err) < 0 ||
		take_word(document, "architecture", &lock->arena, &lock->architecture, err) < 0 ||
		take_names(document, "", "wanted", &lock->arena, &lock->wanted, err) < 0 ||
		take_names(document, "", "assumed", &lock->arena, &lock->assumed, err) < 0) {
		return -1;
	}
	return take_pins(document, lock, err);
}

int
debian_lock_parse(const char *text, size_t length, struct debian_lock *ret_lock, struct err *err)
{
	json_error_t where;
	struct debian_lock lock = {0};
	json_t *document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);

	if (!document) {
		return err_fail(err, STATUS_RECIPE, "line %d, column %d: %s", where.line,
			where.column, where.text);
	}
	int result = take_document(document, &lock, err);
	json_decref(document);
	if (result < 0 || check_closed(&lock, err) < 0) {
		debian_lock_done(&lock);
		return -1;
	}
	*ret_lock = lock;
	return 0;
}

static void
print_names(const struct debian_names *names, const char *before, const char *after,
	struct buf *ret_text)
{
	buf_putc(ret_text, '[');
	for (size_t i = 0; i < names->count; i++) {
		buf_printf(ret_text, "%s%s\"%s\"", i ? "," : "", i || *before == '\n' ? before : "",
			names->items[i]);
	}
	buf_printf(ret_text, "%s]", names->count ? after : "");
}

static void
print_pin(const struct debian_pin *pin, struct buf *ret_text)
{
	char hex[DIGEST_HEX];

	buf_printf(ret_text, "    \"%s\": {\n      \"depends\": ", pin->name);
	print_names(&pin->depends, " ", "", ret_text);
	buf_printf(ret_text,
		",\n      \"path\": \"%s\",\n      \"sha256\": \"%s\",\n      \"size\": %ju,\n"
		"      \"version\": \"%s\"\n    }",
		pin->path, digest_hex(&pin->sha256, hex), (uintmax_t)pin->size, pin->version);
}

void
debian_lock_print(const struct debian_lock *lock, struct buf *ret_text)
{
	buf_printf(ret_text, "{\n  \"architecture\": \"%s\",\n  \"assumed\": ", lock->architecture);
	print_names(&lock->assumed, "\n    ", "\n  ", ret_text);
	buf_printf(ret_text, ",\n  \"component\": \"%s\",\n  \"packages\": {", lock->component);
	for (size_t i = 0; i < lock->count; i++) {
		buf_puts(ret_text, i ? ",\n" : "\n");
		print_pin(&lock->pins[i], ret_text);
	}
	buf_printf(ret_text, "%s},\n  \"suite\": \"%s\",\n  \"version\": 1,\n  \"wanted\": ",
		lock->count ? "\n  " : "", lock->suite);
	print_names(&lock->wanted, "\n    ", "\n  ", ret_text);
	buf_puts(ret_text, "\n}\n");
}

static size_t
diff_pin(const struct debian_pin *old, const struct debian_pin *now, struct buf *ret_text)
{
	if (strcmp(old->version, now->version) != 0) {
		buf_printf(ret_text, "~ %s %s -> %s\n", now->name, old->version, now->version);
		return 1;
	}
	if (!digest_equal(&old->sha256, &now->sha256)) {
		buf_printf(ret_text, "~ %s %s (other bytes)\n", now->name, now->version);
		return 1;
	}
	return 0;
}

size_t
debian_lock_diff(const struct debian_lock *old, const struct debian_lock *now, struct buf *ret_text)
{
	size_t i = 0, j = 0, changes = 0;

	while (i < old->count || j < now->count) {
		int order = i == old->count   ? 1
			    : j == now->count ? -1
					      : compare_pins(&old->pins[i], &now->pins[j]);
		if (order == 0) {
			changes += diff_pin(&old->pins[i++], &now->pins[j++], ret_text);
			continue;
		}
		const struct debian_pin *pin = order < 0 ? &old->pins[i++] : &now->pins[j++];
		buf_printf(ret_text, "%c %s %s\n", order < 0 ? '-' : '+', pin->name, pin->version);
		changes++;
	}
	return changes;
}
