/* SPDX-License-Identifier: MIT */
/* Records are not parsed here: a million of them would take minutes. Where a record's text holds 64
 * hex digits and no more in a row, it names something: its key, its output, its inputs. What looks
 * so by accident only keeps something alive. */
#include "store/store_census.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/record.h"
#include "store/store.h"
#include "store/store_roll.h"
#include "tree/parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEX = DIGEST_HEX - 1, USUAL_RECORD = 16 << 10 };

/* Names of one folder of the store. */
struct listing {
	int dir;
	struct roll roll;
};

static int
list(struct store *store, const char *folder, struct listing *ret_listing, struct err *err)
{
	cleanup_fd int dir = fs_open_dir(store_fd(store), folder, err);

	if (dir < 0 || roll_read(dir, &ret_listing->roll, err) < 0) {
		return err_wrap(err, "'%s/%s'", store_path(store), folder);
	}
	ret_listing->dir = steal_fd(dir);
	return 0;
}

static void
listing_done(struct listing *listing)
{
	roll_done(&listing->roll);
	fs_close_slot(&listing->dir);
}

static int
compare_things(const void *a, const void *b)
{
	const struct census_thing *left = a, *right = b;

	return memcmp(&left->id, &right->id, sizeof(left->id));
}

/* The things of a folder whose names are ids. */
static int
list_things(struct store *store, const char *folder, struct census_thing **ret_things,
	size_t *ret_count, struct err *err)
{
	struct listing listing = {.dir = -1};
	size_t count = 0;

	if (list(store, folder, &listing, err) < 0) {
		return -1;
	}
	struct census_thing *things = mem_zalloc(listing.roll.count + 1, sizeof(*things));
	for (size_t i = 0; i < listing.roll.count; i++) {
		things[count].inode = listing.roll.items[i].inode;
		count += digest_parse(listing.roll.items[i].name, &things[count].id);
	}
	listing_done(&listing);
	qsort(things, count, sizeof(*things), compare_things);
	*ret_things = things;
	*ret_count = count;
	return 0;
}

static bool
is_hex(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
}

/* A run of 64 that begins at or behind `at` has its last digit, or an earlier one, at at[63]: where
 * that is none, nothing of the 64 bytes needs a look. */
static const char *
skip_to_run(const char *at, const char *end)
{
	while (end - at >= HEX && !is_hex(at[HEX - 1])) {
		at += HEX;
	}
	return at;
}

/* The next run of exactly 64 hex digits at or behind *at, which is not inside of a run; *at is then
 * behind it. */
static bool
next_digest(const char **at, const char *end, struct digest *ret_digest)
{
	while (end - *at >= HEX) {
		const char *next = skip_to_run(*at, end);
		if (end - next < HEX) {
			return false;
		}
		const char *start = next + HEX - 1, *stop = next + HEX;
		while (start > *at && is_hex(start[-1])) {
			start--;
		}
		while (stop < end && is_hex(*stop)) {
			stop++;
		}
		*at = stop;
		if (stop - start == HEX) {
			char hex[DIGEST_HEX] = "";
			memcpy(hex, start, HEX);
			return digest_parse(hex, ret_digest);
		}
	}
	return false;
}

/* record_print's line: a newline in a JSON text stands in no string. */
static bool
find_output(const char *text, size_t length, struct digest *ret_output)
{
	static const char field[] = "\n \"output\": \"";
	const char *at = memmem(text, length, field, sizeof(field) - 1);

	return at && (at += sizeof(field) - 1, text + length - at > HEX) && at[HEX] == '"' &&
	       next_digest(&at, at + HEX, ret_output);
}

static void
read_mentions(struct census_record *record, const char *text, size_t length)
{
	const char *at = text, *end = text + length;
	struct digest digest;
	size_t capacity = 0;

	record->has_output = find_output(text, length, &record->output);
	while (next_digest(&at, end, &digest)) {
		/* Who is woken by its output has woken that. */
		if (digest_equal(&digest, &record->key) ||
			(record->has_output && digest_equal(&digest, &record->output))) {
			continue;
		}
		if (record->mentioned_count == capacity) {
			capacity = capacity ? capacity * 2 : 1;
			record->mentioned =
				mem_resize(record->mentioned, capacity, sizeof(*record->mentioned));
		}
		record->mentioned[record->mentioned_count++] = digest;
	}
}

struct reading {
	int dir;
	struct census_record *records;
};

static int
read_text(struct census_record *record, int fd, struct err *err)
{
	char usual[USUAL_RECORD];
	ssize_t got = read(fd, usual, sizeof(usual));

	if (got < 0) {
		return err_set(err, errno, "read");
	}
	if ((size_t)got < sizeof(usual)) {
		read_mentions(record, usual, (size_t)got);
		return 0;
	}
	cleanup_buf struct buf text = {0};
	buf_add(&text, usual, (size_t)got);
	if (fs_read_all(fd, RECORD_MAX, &text, err) < 0) {
		return -1;
	}
	read_mentions(record, text.data, text.length);
	return 0;
}

/* A record that went in the meantime stays without an output, as does one that can't be read. */
static int
read_record(void *context, size_t index, struct err *err)
{
	const struct reading *reading = context;
	struct census_record *record = &reading->records[index];
	char name[DIGEST_HEX + 8];
	struct stat st;

	digest_hex(&record->key, name);
	strcpy(name + HEX, ".json");
	cleanup_fd int fd =
		openat(reading->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		return 0;
	}
	record->used = st.st_mtim.tv_sec;
	record->bytes = (uint64_t)st.st_blocks * 512;
	return read_text(record, fd, err) < 0 ? err_wrap(err, "reading 'actions/%s'", name) : 0;
}

static bool
parse_record_name(char *name, struct digest *ret_key)
{
	if (strlen(name) != HEX + strlen(".json") || strcmp(name + HEX, ".json") != 0) {
		return false;
	}
	name[HEX] = '\0';
	return digest_parse(name, ret_key);
}

static int
compare_records(const void *a, const void *b)
{
	const struct census_record *left = a, *right = b;

	return memcmp(&left->key, &right->key, sizeof(left->key));
}

static int
list_records(struct store *store, struct census *census, struct err *err)
{
	struct listing listing = {.dir = -1};

	if (list(store, "actions", &listing, err) < 0) {
		return -1;
	}
	census->records = mem_zalloc(listing.roll.count + 1, sizeof(*census->records));
	for (size_t i = 0; i < listing.roll.count; i++) {
		struct census_record *record = &census->records[census->record_count];
		record->inode = listing.roll.items[i].inode;
		census->record_count += parse_record_name(listing.roll.items[i].name, &record->key);
	}
	struct reading reading = {.dir = listing.dir, .records = census->records};
	int result = parallel_each(census->record_count, (uint64_t)census->record_count << 12,
		read_record, &reading, err);
	listing_done(&listing);
	qsort(census->records, census->record_count, sizeof(*census->records), compare_records);
	return result;
}

static int
compare_outputs(const void *a, const void *b, void *context)
{
	const struct census_record *records = context;

	return memcmp(&records[*(const size_t *)a].output, &records[*(const size_t *)b].output,
		sizeof(struct digest));
}

static void
index_outputs(struct census *census)
{
	census->by_output = mem_alloc((census->record_count + 1) * sizeof(*census->by_output));
	census->pending = mem_alloc((census->record_count + 1) * sizeof(*census->pending));
	for (size_t i = 0; i < census->record_count; i++) {
		census->by_output[i] = i;
	}
	qsort_r(census->by_output, census->record_count, sizeof(*census->by_output),
		compare_outputs, census->records);
}

int
census_take(struct store *store, struct census *ret_census, struct err *err)
{
	struct census census = {0};

	/* Records first: what a running build makes has its tree before its record. */
	if (list_records(store, &census, err) < 0 ||
		list_things(store, "trees", &census.trees, &census.tree_count, err) < 0 ||
		list_things(store, "blobs", &census.blobs, &census.blob_count, err) < 0) {
		census_done(&census);
		return -1;
	}
	index_outputs(&census);
	*ret_census = census;
	return 0;
}

void
census_done(struct census *census)
{
	for (size_t i = 0; i < census->record_count; i++) {
		free(census->records[i].mentioned);
	}
	free(census->records);
	free(census->trees);
	free(census->blobs);
	free(census->by_output);
	free(census->pending);
	free(census->woken_flags);
	*census = (struct census){0};
}

static int
compare_ids(const void *id, const void *thing)
{
	return memcmp(id, &((const struct census_thing *)thing)->id, sizeof(struct digest));
}

static void
set_alive(struct census *census, bool *is_alive)
{
	if (census->woken_count == census->woken_capacity) {
		census->woken_capacity = census->woken_capacity ? census->woken_capacity * 2 : 256;
		census->woken_flags = mem_resize(
			census->woken_flags, census->woken_capacity, sizeof(*census->woken_flags));
	}
	census->woken_flags[census->woken_count++] = is_alive;
	*is_alive = true;
}

void
census_forget(struct census *census, size_t count)
{
	while (census->woken_count > count) {
		*census->woken_flags[--census->woken_count] = false;
	}
}

static void
wake_thing(
	struct census *census, struct census_thing *things, size_t count, const struct digest *id)
{
	struct census_thing *thing =
		count ? bsearch(id, things, count, sizeof(*things), compare_ids) : NULL;

	if (!thing || thing->is_alive) {
		return;
	}
	set_alive(census, &thing->is_alive);
	if (census->woken) {
		census->woken(census->context, id, things == census->trees);
	}
}

static size_t
first_of_output(const struct census *census, const struct digest *id)
{
	size_t low = 0, high = census->record_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct census_record *record = &census->records[census->by_output[middle]];
		if (memcmp(&record->output, id, sizeof(*id)) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static void
wake_one_record(struct census *census, size_t index)
{
	struct census_record *record = &census->records[index];

	if (!record->is_alive && record->has_output) {
		set_alive(census, &record->is_alive);
		census->pending[census->pending_count++] = index;
	}
}

/* The tree itself may be elsewhere, in a cache: its records say what it is all the same. */
static void
wake_id(struct census *census, const struct digest *id)
{
	wake_thing(census, census->trees, census->tree_count, id);
	wake_thing(census, census->blobs, census->blob_count, id);
	for (size_t i = first_of_output(census, id); i < census->record_count; i++) {
		size_t index = census->by_output[i];
		const struct census_record *record = &census->records[index];
		/* those of one output wake together */
		if (record->is_alive || !digest_equal(&record->output, id)) {
			break;
		}
		wake_one_record(census, index);
	}
}

static void
wake_pending(struct census *census)
{
	while (census->pending_count) {
		size_t index = census->pending[--census->pending_count];
		for (size_t i = 0; i < census->records[index].mentioned_count; i++) {
			wake_id(census, &census->records[index].mentioned[i]);
		}
	}
}

void
census_wake(struct census *census, const struct digest *id)
{
	wake_id(census, id);
	wake_pending(census);
}

bool
census_has_tree(const struct census *census, const struct digest *id)
{
	return census->tree_count &&
	       bsearch(id, census->trees, census->tree_count, sizeof(*census->trees), compare_ids);
}

void
census_wake_record(struct census *census, size_t index)
{
	if (census->records[index].has_output) {
		census_wake(census, &census->records[index].output);
	}
}

static int
compare_keys(const void *key, const void *record)
{
	return memcmp(key, &((const struct census_record *)record)->key, sizeof(struct digest));
}

const struct census_record *
census_find(const struct census *census, const struct digest *key)
{
	return census->record_count ? bsearch(key, census->records, census->record_count,
					      sizeof(*census->records), compare_keys)
				    : NULL;
}

const struct census_record *
census_maker(const struct census *census, const struct digest *id)
{
	size_t first = first_of_output(census, id);

	if (first == census->record_count) {
		return NULL;
	}
	const struct census_record *record = &census->records[census->by_output[first]];
	return digest_equal(&record->output, id) ? record : NULL;
}

char *
census_maker_name(const struct census *census, struct store *store, const struct digest *id)
{
	const struct census_record *maker = census_maker(census, id);
	struct record record;

	if (!maker || store_get_record(store, &maker->key, &record, NULL) != 1) {
		return mem_strdup("");
	}
	char *name = steal(record.name);
	record_done(&record);
	return name;
}
