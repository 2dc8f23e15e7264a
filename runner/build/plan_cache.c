/* SPDX-License-Identifier: MIT */
/* STORE/plans/HASH, one file a question, where HASH is of the first lines:
 *
 *	brun plan cache 1, brun VERSION
 *	store PATH
 *	recipe PATH
 *	library PATH
 *	output NAME
 *	key HEX			of the action that makes the output
 *	is MODE DEVICE INODE SIZE MTIME CTIME PATH
 *	absent PATH		as many lines of these two kinds as there are paths
 *	sum HASH		of all lines above
 *
 * The paths are brun's own program, what the evaluation read or looked for, what globs looked into
 * or selected, and the store's directories of records and of trees, whose times change with every
 * name that comes or goes: as long as they are the same, a walk over the plan would find what it
 * found then. Nobody parses those lines: they are written anew from what is there now, and must
 * come out the same. */
#include "build/plan_cache.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/replace.h"
#include "base/sha256.h"
#include "store/record.h"
#include "store/store.h"
#include "store/store_lease.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CACHE_MAX = 16 << 20, KEY_LINE = 4 + 64 + 1, SUM_LINE = 4 + 16 + 1 };

/* The first lines, and the file's name in the store. */
static char *
add_question(const struct store *store, const struct plan_question *question, struct buf *text)
{
	buf_printf(text,
		"brun plan cache 1, brun " BRUN_VERSION
		"\nstore %s\nrecipe %s\nlibrary %s\noutput %s\n",
		store_path(store), question->recipe, question->library, question->output);
	return mem_printf("plans/%016" PRIx64, hash_bytes(text->data, text->length));
}

/* The path's line as it is now; false where that can't be found out. */
static bool
add_path(struct buf *text, const char *path, struct stat *ret_st)
{
	struct stat st = {0};

	if (stat(path, &st) == 0) {
		buf_printf(text, "is %o %jx %ju %jd %jd.%09ld %jd.%09ld %s\n", st.st_mode,
			(uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (intmax_t)st.st_size,
			(intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			(intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec, path);
	} else if (errno == ENOENT || errno == ENOTDIR) {
		buf_printf(text, "absent %s\n", path);
	} else {
		return false;
	}
	*ret_st = st;
	return true;
}

static bool
has_sum(const struct buf *text)
{
	char sum[SUM_LINE + 1];
	size_t summed = text->length - SUM_LINE;

	snprintf(sum, sizeof(sum), "sum %016" PRIx64 "\n", hash_bytes(text->data, summed));
	return memcmp(text->data + summed, sum, SUM_LINE) == 0;
}

/* Is the path of this line (its newline included) as it was? */
static bool
is_current(const char *line, size_t length)
{
	cleanup_buf struct buf now = {0};
	const char *slash = memchr(line, '/', length);
	struct stat st;

	if (!slash) {
		return false;
	}
	cleanup_free char *path = mem_strndup(slash, (size_t)(line + length - 1 - slash));
	return add_path(&now, path, &st) && now.length == length &&
	       memcmp(now.data, line, length) == 0;
}

static bool
are_current(const char *lines, const char *end)
{
	while (lines < end) {
		const char *newline = memchr(lines, '\n', (size_t)(end - lines));
		if (!newline || !is_current(lines, (size_t)(newline + 1 - lines))) {
			return false;
		}
		lines = newline + 1;
	}
	return true;
}

static bool
read_key(const char *line, struct digest *ret_key)
{
	cleanup_free char *hex = mem_strndup(line + 4, 64);

	return memcmp(line, "key ", 4) == 0 && line[KEY_LINE - 1] == '\n' &&
	       digest_parse(hex, ret_key);
}

/* The key, if all that it rests on is as it was. */
static bool
find_key(struct store *store, const struct plan_question *question, struct digest *ret_key)
{
	cleanup_buf struct buf head = {0}, text = {0};
	cleanup_free char *name = add_question(store, question, &head);

	if (fs_read_at(store_fd(store), name, CACHE_MAX, &text, NULL) < 0 ||
		text.length < head.length + KEY_LINE + SUM_LINE ||
		memcmp(text.data, head.data, head.length) != 0 || !has_sum(&text)) {
		return false;
	}
	const char *key = text.data + head.length;
	return are_current(key + KEY_LINE, text.data + text.length - SUM_LINE) &&
	       read_key(key, ret_key);
}

bool
plan_cache_find(struct store *store, const struct plan_question *question, struct digest *ret_id)
{
	struct digest key;
	struct record record;

	if (!find_key(store, question, &key) || store_get_record(store, &key, &record, NULL) != 1) {
		return false;
	}
	store_note_use(store, &key);
	*ret_id = record.output;
	record_done(&record);
	return true;
}

/* Might a file with this time change again, or have changed, without showing it? Clocks of file
 * systems tick up to ten milliseconds apart; one that keeps whole seconds has ticks of up to
 * two. */
static bool
is_racy(const struct timespec *time, const struct timespec *began)
{
	int64_t margin_ms = time->tv_nsec ? 100 : 3000;
	int64_t time_ms = (int64_t)time->tv_sec * 1000 + time->tv_nsec / 1000000;
	int64_t began_ms = (int64_t)began->tv_sec * 1000 + began->tv_nsec / 1000000;

	return time_ms + margin_ms >= began_ms;
}

/* Adds a line that will do as proof; false where none can be had. */
static bool
add_proof(struct buf *text, const char *path, const struct timespec *began)
{
	struct stat st;

	return path[0] == '/' && !strchr(path, '\n') && add_path(text, path, &st) &&
	       !is_racy(&st.st_mtim, began) && !is_racy(&st.st_ctim, began);
}

/* A recipe that many others need is read once and looked for many times. */
static bool
is_repeated(const struct buf *reads, size_t index)
{
	size_t at = 0;

	while (at < index && strcmp(reads->data + at, reads->data + index) != 0) {
		at += strlen(reads->data + at) + 1;
	}
	return at < index;
}

static bool
add_all(const struct buf *paths, const struct timespec *began, struct buf *text)
{
	bool is_proven = true;

	for (size_t at = 0; is_proven && at < paths->length; at += strlen(paths->data + at) + 1) {
		is_proven = add_proof(text, paths->data + at, began);
	}
	return is_proven;
}

static bool
add_proofs(struct store *store, const char *program, const struct buf *reads,
	const struct timespec *began, struct buf *text)
{
	cleanup_free char *records = mem_printf("%s/actions", store_path(store));
	cleanup_free char *trees = mem_printf("%s/trees", store_path(store));
	bool is_proven = add_proof(text, program, began) && add_proof(text, records, began) &&
			 add_proof(text, trees, began);

	for (size_t at = 0; is_proven && at < reads->length; at += strlen(reads->data + at) + 1) {
		is_proven = is_repeated(reads, at) || add_proof(text, reads->data + at, began);
	}
	return is_proven;
}

static bool
is_one_line(const char *text)
{
	return !strchr(text, '\n');
}

void
plan_cache_put(struct store *store, const struct plan_question *question, const struct digest *key,
	const struct buf *reads, const struct buf *globbed, const struct timespec *began)
{
	cleanup_buf struct buf text = {0};
	cleanup_free char *name = add_question(store, question, &text);
	char hex[DIGEST_HEX];

	buf_printf(&text, "key %s\n", digest_hex(key, hex));
	if (!is_one_line(store_path(store)) || !is_one_line(question->recipe) ||
		!is_one_line(question->library) || !is_one_line(question->output) ||
		!add_proofs(store, question->program, reads, began, &text) ||
		!add_all(globbed, began, &text)) {
		return;
	}
	uint64_t sum = hash_bytes(text.data, text.length);
	buf_printf(&text, "sum %016" PRIx64 "\n", sum);
	(void)replace_file(store_fd(store), name, 0600, text.data, text.length, NULL);
}
