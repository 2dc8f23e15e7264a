/* SPDX-License-Identifier: MIT */
/* pack.json, one in each bundle (keys sorted, nothing of the machine or the time in it):
 *
 *	{ "version": 1, "machine": "x86_64", "libc": "glibc" | "musl" | "none",
 *	  "files": { "lib/libz.so.1": FILE, "exe/curl": FILE, … },
 *	  "programs": { "bin/curl": { "exe": "exe/curl" (or null: in the launcher),
 *	                              "needed": [name, …] }, … },
 *	  "data": { "share/misc/magic.mgc": { "from": …, "path": …,
 *	                      "packages": { NAME: version or null, … } where they are known,
 *	                                      "rule": rules.c's name, or "script" }, … } }
 *
 * where FILE is
 *
 *	{ "from": the source's label, "path": where it lay there, "why": a phrase,
 *	  "package", "version": whose it is there, where that is known (owners.h),
 *	  "link": where to; or "sha256", and "edited": true where bytes were changed }
 *
 * Beside the files named there the bundle has links to its C.UTF-8 (glibc.h) and, for musl, an
 * empty etc/ld-musl-ARCH.path.
 *
 * The ID is the start of the SHA-256 over path, kind, and digest or target of each file in order of
 * their paths, and the text of pack.json. */
#include "bundle.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "describe.h"
#include "entries.h"
#include "glibc.h"
#include "libdirs.h"
#include "notes.h"
#include "owners.h"
#include "paths.h"
#include "rewrite.h"
#include "sources.h"
#include "wrap.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
file_compare(const void *a, const void *b)
{
	return strcmp(((const struct bundle_file *)a)->path, ((const struct bundle_file *)b)->path);
}

static bool
is_library(const struct bundle_file *file)
{
	return strncmp(file->path, "lib/", 4) == 0;
}

static bool
is_code(const struct bundle_file *file)
{
	return is_library(file) || strncmp(file->path, "exe/", 4) == 0;
}

/* One file under several names lies there once. */
static void
link_doubles(struct bundle *bundle)
{
	for (size_t i = 0; i < bundle->count; i++) {
		for (size_t k = 0; k < i && !bundle->files[i].target; k++) {
			if (bundle->files[k].file == bundle->files[i].file &&
				!bundle->files[k].target && is_library(&bundle->files[k]) &&
				is_library(&bundle->files[i])) {
				bundle->files[i].target = path_name(bundle->files[k].path);
			}
		}
	}
}

static bool
rewrite(struct bundle *bundle, const struct bundle_file *file, struct sources *sources,
	struct notes *notes, struct buf *ret_contents)
{
	if (!bundle->interpreter || strcmp(file->path, bundle->interpreter) != 0) {
		return rewrite_library(file->file, NULL, &sources->arena, ret_contents);
	}
	bool is_edited = bundle->is_glibc && rewrite_interpreter(file->file, ret_contents);
	if (bundle->is_glibc && !is_edited && !rewrite_interpreter_is_done(file->file)) {
		notes_add(notes,
			"%s of %s does not name /etc/ld.so.cache: what the host has there "
			"may be read",
			file->file->path, file->file->source->label);
	}
	return is_edited;
}

/* Of a program that a rule has edited. */
static struct digest
digest_changed(const struct bundle_file *file)
{
	const struct changes *changes = &file->changes;
	struct sha256 hash;
	uint64_t at = 0;

	sha256_init(&hash);
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->items[i];
		sha256_update(&hash, file->file->data + at, change->offset - at);
		sha256_update(&hash, change->bytes, change->length);
		at = change->offset + change->length;
	}
	sha256_update(&hash, file->file->data + at, file->file->size - at);
	return sha256_final(&hash);
}

/* The new contents go as soon as their digest and what changed is known: libraries are large. */
static void
edit_file(struct bundle *bundle, struct bundle_file *file, struct sources *sources,
	struct notes *notes)
{
	cleanup_buf struct buf now = {0};

	if (file->changes.count > 0) {
		file->changed = digest_changed(file);
		return;
	}
	if (file->target || !is_library(file) || !rewrite(bundle, file, sources, notes, &now)) {
		return;
	}
	changes_between(&file->changes, &sources->arena, file->file->data, now.data, now.length);
	file->changed = sha256_of(now.data, now.length);
}

static int
written_digest(const struct bundle_file *file, struct digest *ret_digest, struct err *err)
{
	if (file->has_contents) {
		*ret_digest = sha256_of(file->contents.data, file->contents.length);
		return 0;
	}
	if (file->changes.count > 0) {
		*ret_digest = file->changed;
		return 0;
	}
	if (file_digest(file->file, err) < 0) {
		return -1;
	}
	*ret_digest = file->file->digest;
	return 0;
}

static int
put_file(json_t *files, const struct bundle_file *file, struct sha256 *hash, struct err *err)
{
	struct digest digest;
	char hex[DIGEST_HEX];

	if (!file->target && written_digest(file, &digest, err) < 0) {
		return -1;
	}
	const char *contents = file->target ? file->target : digest_hex(&digest, hex);
	sha256_update(hash, file->path, strlen(file->path) + 1);
	sha256_update(hash, file->target ? "link" : "file", 5);
	sha256_update(hash, contents, strlen(contents) + 1);
	json_t *object = json_object();
	describe_put(object, "from", describe_text(file->file->source->label));
	describe_put(object, "path", describe_text(file->file->path));
	describe_put(object, "why", describe_text(file->why));
	if (file->file->owner) {
		describe_put(object, "package", describe_text(file->file->owner->name));
	}
	if (file->file->owner && file->file->owner->version) {
		describe_put(object, "version", describe_text(file->file->owner->version));
	}
	describe_put(object, file->target ? "link" : "sha256", describe_text(contents));
	if (file->has_contents || file->changes.count > 0) {
		describe_put(object, "edited", json_true());
	}
	describe_put(files, file->path, object);
	return 0;
}

static json_t *
describe_programs(const struct bundle *bundle, const struct wraps *wraps)
{
	json_t *programs = json_object();

	for (size_t i = 0; i < wraps->count; i++) {
		const struct wrap *wrap = &wraps->items[i];
		if (wrap->bundle != bundle) {
			continue;
		}
		json_t *program = json_object(), *needed = json_array();
		for (size_t k = 1; k < wrap->closure.count; k++) {
			json_array_append_new(needed, describe_text(wrap->closure.items[k].name));
		}
		describe_put(program, "exe", wrap->exe ? describe_text(wrap->exe) : json_null());
		describe_put(program, "needed", needed);
		describe_put(programs, wrap->entry->path, program);
	}
	return programs;
}

static void
put_package(void *packages, const struct owner *owner)
{
	describe_put(packages, owner->name,
		owner->version ? describe_text(owner->version) : json_null());
}

static json_t *
describe_taken(const struct sources *sources, const struct furniture *taken)
{
	json_t *object = json_object(), *packages = json_object();

	describe_put(object, "from", describe_text(taken->source->label));
	describe_put(object, "path", describe_text(taken->from));
	describe_put(object, "rule", describe_text(taken->rule));
	owners_below(sources, taken->source, taken->from, put_package, packages);
	if (json_object_size(packages) > 0) {
		json_object_set(object, "packages", packages);
	}
	json_decref(packages);
	return object;
}

/* What the bundle's programs were given by rules; the paths are the output's. Several may have been
 * given the same. */
static json_t *
describe_data(const struct bundle *bundle, const struct sources *sources, const struct wraps *wraps)
{
	json_t *data = json_object();

	for (size_t i = 0; i < wraps->count; i++) {
		const struct wrap *wrap = &wraps->items[i];
		for (size_t k = 0; wrap->bundle == bundle && k < wrap->furnished.data_count; k++) {
			const struct furniture *taken = wrap->furnished.data[k];
			if (!json_object_get(data, taken->path)) {
				describe_put(data, taken->path, describe_taken(sources, taken));
			}
		}
	}
	return data;
}

static int
describe(struct bundle *bundle, const struct sources *sources, const struct wraps *wraps,
	struct sha256 *hash, struct err *err)
{
	json_t *root = json_object(), *files = json_object();
	int result = 0;

	for (size_t i = 0; i < bundle->count && result == 0; i++) {
		result = put_file(files, &bundle->files[i], hash, err);
	}
	describe_put(root, "version", json_integer(1));
	describe_put(root, "machine", describe_text(libdirs_platform(bundle->machine)));
	describe_put(root, "libc",
		describe_text(!bundle->interpreter ? "none"
			      : bundle->is_glibc   ? "glibc"
						   : "musl"));
	describe_put(root, "files", files);
	describe_put(root, "programs", describe_programs(bundle, wraps));
	describe_put(root, "data", describe_data(bundle, sources, wraps));
	cleanup_free char *text = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
	json_decref(root);
	if (result == 0) {
		buf_printf(&bundle->json, "%s\n", text ? text : "{}");
	}
	return result;
}

static int
finish(struct bundle *bundle, struct sources *sources, const struct wraps *wraps,
	struct notes *notes, struct err *err)
{
	struct sha256 hash;
	char hex[DIGEST_HEX];

	qsort(bundle->files, bundle->count, sizeof(*bundle->files), file_compare);
	link_doubles(bundle);
	for (size_t i = 0; i < bundle->count; i++) {
		edit_file(bundle, &bundle->files[i], sources, notes);
	}
	sha256_init(&hash);
	if (describe(bundle, sources, wraps, &hash, err) < 0) {
		sha256_done(&hash);
		return -1;
	}
	sha256_update(&hash, bundle->json.data, bundle->json.length);
	struct digest digest = sha256_final(&hash);
	memcpy(bundle->id, digest_hex(&digest, hex), sizeof(bundle->id) - 1);
	return 0;
}

int
bundles_finish(struct bundles *bundles, struct sources *sources, const struct wraps *wraps,
	struct notes *notes, struct err *err)
{
	for (size_t i = 0; i < bundles->count; i++) {
		if (finish(bundles->items[i], sources, wraps, notes, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
write_copy(const struct bundle_file *file, int to_fd, const char *path, struct err *err)
{
	/* The dynamic linker and the programs are mapped, not executed; but gdb, ldd and people
	 * expect the bit. */
	mode_t mode = is_code(file) ? 0755 : 0644;

	if (file->has_contents) {
		return fs_create_at(
			to_fd, path, mode, file->contents.data, file->contents.length, err);
	}
	return file_copy(file->file, &file->changes, to_fd, path, mode, err);
}

static int
write_file(const struct bundle_file *file, const char *top, int to_fd, struct err *err)
{
	cleanup_free char *path = mem_printf("%s/%s", top, file->path);
	cleanup_free char *dir = mem_strndup(path, (size_t)(strrchr(path, '/') - path));

	if (fs_mkdirs_at(to_fd, dir, 0755, err) < 0) {
		return -1;
	}
	if (!file->target) {
		return write_copy(file, to_fd, path, err);
	}
	return symlinkat(file->target, to_fd, path) < 0
		       ? err_set(err, errno, "make link '%s'", path)
		       : 0;
}

/* musl reads PREFIX/etc/ld-musl-ARCH.path, PREFIX being its own directory's parent, and only where
 * there is none uses the host's /lib and /usr/lib (ldso/dynlink.c:load_library). */
static int
write_musl_path(const struct bundle *bundle, const char *top, int to_fd, struct err *err)
{
	cleanup_free char *dir = mem_printf("%s/etc", top);
	cleanup_free char *path =
		mem_printf("%s/ld-musl-%s.path", dir, libdirs_platform(bundle->machine));

	return fs_mkdirs_at(to_fd, dir, 0755, err) < 0
		       ? -1
		       : fs_create_at(to_fd, path, 0644, "", 0, err);
}

static int
write_bundle(const struct bundle *bundle, int to_fd, struct err *err)
{
	cleanup_free char *top = mem_printf("brun-resources.d/%s", bundle->id);
	cleanup_free char *json = mem_printf("%s/pack.json", top);

	if (fs_mkdirs_at(to_fd, top, 0755, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < bundle->count; i++) {
		if (write_file(&bundle->files[i], top, to_fd, err) < 0) {
			return -1;
		}
	}
	if (bundle->interpreter && !bundle->is_glibc &&
		write_musl_path(bundle, top, to_fd, err) < 0) {
		return -1;
	}
	if (glibc_write_links(bundle, top, to_fd, err) < 0) {
		return -1;
	}
	return fs_create_at(to_fd, json, 0644, bundle->json.data, bundle->json.length, err);
}

int
bundles_write(
	const struct bundles *bundles, const struct entries *entries, int to_fd, struct err *err)
{
	for (size_t i = 0; i < bundles->count; i++) {
		cleanup_free char *top = mem_printf("brun-resources.d/%s", bundles->items[i]->id);
		if (!entries_find(entries, top) &&
			write_bundle(bundles->items[i], to_fd, err) < 0) {
			return -1;
		}
	}
	return 0;
}
