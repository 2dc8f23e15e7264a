/* SPDX-License-Identifier: MIT */
/* A record, actions/HEX.json: one JSON object,
 *
 *	{"version": 1, "key": hex, "output": hex, "name": string, "components": string,
 *	 "wall_ms": integer, "user_ms": …, "system_ms": …, "peak_memory": …,
 *	 "written_bytes": …, "finished": integer}
 *
 * `components` is the text that was hashed into the key. Fields that are not known are passed
 * over; integers are not negative; written_bytes may be missing (0). */
#include "store/record.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/replace.h"
#include "store/disk.h"
#include "store/store_room.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
decref_slot(json_t **slot)
{
	json_decref(*slot);
}

static bool
get_digest(const json_t *object, const char *name, struct digest *ret_digest)
{
	const char *hex = json_string_value(json_object_get(object, name));

	return hex && digest_parse(hex, ret_digest);
}

static bool
get_count(const json_t *object, const char *name, uint64_t *ret_count)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		return false;
	}
	*ret_count = (uint64_t)json_integer_value(value);
	return true;
}

static bool
read_figures(const json_t *object, struct record *record)
{
	uint64_t finished;

	if (!get_count(object, "wall_ms", &record->wall_ms) ||
		!get_count(object, "user_ms", &record->user_ms) ||
		!get_count(object, "system_ms", &record->system_ms) ||
		!get_count(object, "peak_memory", &record->peak_memory) ||
		!get_count(object, "finished", &finished)) {
		return false;
	}
	record->finished = (int64_t)finished;
	return !json_object_get(object, "written_bytes") ||
	       get_count(object, "written_bytes", &record->written_bytes);
}

int
record_parse(const char *text, size_t length, struct record *ret_record, struct err *err)
{
	struct record record = {0};
	json_error_t why;
	__attribute__((cleanup(decref_slot))) json_t *object =
		json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);

	if (!object) {
		return err_set(err, 0, "record: %s at byte %d", why.text, why.position);
	}
	const char *name = json_string_value(json_object_get(object, "name"));
	const char *components = json_string_value(json_object_get(object, "components"));
	if (json_integer_value(json_object_get(object, "version")) != 1 ||
		!get_digest(object, "key", &record.key) ||
		!get_digest(object, "output", &record.output) || !name || !components ||
		!read_figures(object, &record)) {
		return err_set(err, 0, "record: a field is missing or of the wrong type");
	}
	record.name = mem_strdup(name);
	record.components = mem_strdup(components);
	*ret_record = record;
	return 0;
}

static json_t *
text_value(const char *text)
{
	/* Not UTF-8 (nothing that comes from a plan is): better nameless than not recorded. */
	json_t *value = json_string(text ? text : "");

	return value ? value : json_string("");
}

void
record_print(const struct record *record, struct buf *text)
{
	char key[DIGEST_HEX], output[DIGEST_HEX];
	__attribute__((cleanup(decref_slot)))
	json_t *object = json_pack("{s:i, s:s, s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I}",
		"version", 1, "key", digest_hex(&record->key, key), "output",
		digest_hex(&record->output, output), "name", text_value(record->name), "components",
		text_value(record->components), "wall_ms", (json_int_t)record->wall_ms, "user_ms",
		(json_int_t)record->user_ms, "system_ms", (json_int_t)record->system_ms,
		"peak_memory", (json_int_t)record->peak_memory, "written_bytes",
		(json_int_t)record->written_bytes, "finished", (json_int_t)record->finished);
	cleanup_free char *dump = json_dumps(object, JSON_INDENT(1));

	buf_puts(text, dump ? dump : "");
	buf_putc(text, '\n');
}

void
record_done(struct record *record)
{
	free(record->name);
	free(record->components);
	*record = (struct record){0};
}

int
store_peek_record(
	struct store *store, const struct digest *key, struct record *ret_record, struct err *err)
{
	struct store_name name = store_name("actions", key, ".json");
	cleanup_buf struct buf text = {0};
	struct err why = {0};
	struct record record;

	if (fs_read_at(store->fd, name.text, RECORD_MAX, &text, &why) < 0) {
		/* What can't be read for other reasons than these would not be written, either. */
		if (why.number == ENOENT || why.number == EFBIG || why.number == EINVAL ||
			why.number == EISDIR) {
			return 0;
		}
		if (err) {
			*err = why;
		}
		return err_wrap(err, "store '%s'", store->path);
	}
	if (record_parse(buf_text(&text), text.length, &record, NULL) < 0) {
		return 0;
	}
	if (!digest_equal(&record.key, key)) {
		record_done(&record);
		return 0;
	}
	*ret_record = record;
	return 1;
}

int
store_get_record(
	struct store *store, const struct digest *key, struct record *ret_record, struct err *err)
{
	struct record record;
	int found = store_peek_record(store, key, &record, err);

	if (found == 1 && !store_has_tree(store, &record.output)) {
		record_done(&record);
		return 0;
	}
	if (found == 1) {
		*ret_record = record;
	}
	return found;
}

/* A file without a name until it is whole (open(2), O_TMPFILE): whoever is killed leaves nothing. A
 * file system that knows no such files has no notes. */
int
store_note_record(struct store *store, const struct record *record, struct err *err)
{
	struct store_name name = store_name("actions", &record->key, ".json");
	cleanup_buf struct buf text = {0};
	cleanup_fd int fd = openat(store->fd, "actions", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	char path[32];

	if (fd < 0) {
		return err_set(err, errno, "create a file in '%s/actions'", store->path);
	}
	record_print(record, &text);
	if (fs_write_all(fd, text.data, text.length, err) < 0) {
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, store->fd, name.text, AT_SYMLINK_FOLLOW) < 0 &&
			       errno != EEXIST
		       ? err_set(err, errno, "link '%s'", name.text)
		       : 0;
}

int
store_put_record(struct store *store, const struct record *record, struct err *err)
{
	struct store_name name = store_name("actions", &record->key, ".json");
	cleanup_buf struct buf text = {0};

	cleanup_free char *sibling = mem_printf("%s.tmp", name.text);

	/* What a killed run left goes first. Nobody else writes it: we hold the action's lock. */
	record_print(record, &text);
	if (fs_remove_at(store->fd, sibling, err) < 0 ||
		replace_file_synced(
			store->fd, name.text, sibling, 0600, text.data, text.length, err) < 0) {
		err_wrap(err, "recording an action in '%s'", store->path);
		return disk_explain(store->fd, err);
	}
	return 0;
}
