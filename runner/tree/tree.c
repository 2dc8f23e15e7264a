/* SPDX-License-Identifier: MIT */
/* The manifest: what a tree's id is the SHA-256 of. A sequence of records without any header;
 * each record is two to three fields, each field ends in one NUL byte, nothing is escaped (a path
 * can hold every byte but NUL):
 *
 *	d PATH NUL                          a directory (written "dusr/lib", no space)
 *	f PATH NUL HEX NUL SIZE NUL         a file: SHA-256 of the contents, bytes in decimal
 *	x PATH NUL HEX NUL SIZE NUL         the same with the x bits
 *	l PATH NUL TARGET NUL               a symbolic link, the target as written
 *
 * There is one manifest for one tree: paths are clean and relative, at most TREE_PATH_MAX bytes, in
 * strictly rising memcmp order, HEX is in lower case, SIZE has no leading zero, and every parent
 * of a path is a `d` record of its own. The root has no record: the empty manifest is the empty
 * tree. Owner, times, extended attributes and all other mode bits are not part of a tree. */
#include "tree/tree.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* PATH_MAX counts the NUL: a longer path could not be opened by its name. */
enum { TREE_PATH_MAX = 4095 };

static const char type_letters[] = {
	[TREE_DIR] = 'd', [TREE_FILE] = 'f', [TREE_PROGRAM] = 'x', [TREE_LINK] = 'l'};

struct parser {
	const char *at, *end, *text;
	size_t offset; /* of the record that is being read */
};

static int
complain(const struct parser *parser, struct err *err, const char *what)
{
	return err_set(err, 0, "manifest: %s in the record at byte %zu", what, parser->offset);
}

/* The next field, or NULL where no NUL ends it. */
static const char *
next_field(struct parser *parser)
{
	const char *field = parser->at;
	const char *end = memchr(field, '\0', (size_t)(parser->end - field));

	if (!end) {
		return NULL;
	}
	parser->at = end + 1;
	return field;
}

static bool
parse_size(const char *text, uint64_t *ret_size)
{
	uint64_t size = 0;

	if (!*text || (text[0] == '0' && text[1])) {
		return false;
	}
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(size, 10, &size) ||
			__builtin_add_overflow(size, (uint64_t)(*text - '0'), &size)) {
			return false;
		}
	}
	*ret_size = size;
	return size <= INT64_MAX;
}

static bool
parse_type(char letter, enum tree_type *ret_type)
{
	for (size_t i = 0; i < sizeof(type_letters); i++) {
		if (type_letters[i] == letter) {
			*ret_type = (enum tree_type)i;
			return true;
		}
	}
	return false;
}

static int
parse_content(struct parser *parser, struct tree_entry *entry, struct err *err)
{
	const char *hex = next_field(parser);
	const char *size = hex ? next_field(parser) : NULL;

	if (!size) {
		return complain(parser, err, "a field without an end");
	}
	if (!digest_parse(hex, &entry->content)) {
		return complain(parser, err, "a bad hash");
	}
	return parse_size(size, &entry->size) ? 0 : complain(parser, err, "a bad size");
}

static int
parse_target(struct parser *parser, struct tree_entry *entry, struct err *err)
{
	entry->target = next_field(parser);
	if (!entry->target) {
		return complain(parser, err, "a field without an end");
	}
	size_t length = strlen(entry->target);
	return length > 0 && length <= TREE_PATH_MAX ? 0 : complain(parser, err, "a bad target");
}

static int
parse_record(struct parser *parser, struct tree_entry *entry, struct err *err)
{
	parser->offset = (size_t)(parser->at - parser->text);
	const char *field = next_field(parser);
	if (!field) {
		return complain(parser, err, "a field without an end");
	}
	*entry = (struct tree_entry){0};
	if (!parse_type(field[0], &entry->type)) {
		return complain(parser, err, "an unknown type");
	}
	entry->path = field + 1;
	if (!fs_is_clean_relative(entry->path) || strlen(entry->path) > TREE_PATH_MAX) {
		return complain(parser, err, "a bad path");
	}
	switch (entry->type) {
	case TREE_DIR:
		return 0;
	case TREE_LINK:
		return parse_target(parser, entry, err);
	default:
		return parse_content(parser, entry, err);
	}
}

/* Compares the first `length` bytes of a (which is not terminated there) with b as a whole. */
static int
compare_prefix(const char *a, size_t length, const char *b)
{
	int order = strncmp(a, b, length);

	return order != 0 ? order : (b[length] ? -1 : 0);
}

static const struct tree_entry *
find_prefix(const struct tree *tree, const char *path, size_t length)
{
	size_t low = 0, high = tree->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_prefix(path, length, tree->entries[middle].path);
		if (order == 0) {
			return &tree->entries[middle];
		}
		if (order < 0) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return NULL;
}

/* Siblings come in runs: the last parent that was looked up is mostly the next one, too. */
static bool
has_parent(const struct tree *tree, const char *path, const struct tree_entry **parent)
{
	const char *slash = strrchr(path, '/');

	if (!slash) {
		return true;
	}
	size_t length = (size_t)(slash - path);
	if (!*parent || compare_prefix(path, length, (*parent)->path) != 0) {
		*parent = find_prefix(tree, path, length);
	}
	return *parent && (*parent)->type == TREE_DIR;
}

static int
parse_all(struct parser *parser, struct tree *tree, struct err *err)
{
	size_t capacity = 0;
	size_t parent_index = 0;
	bool has_last = false;

	while (parser->at < parser->end) {
		if (tree->count == capacity) {
			capacity = capacity ? capacity * 2 : 64;
			tree->entries = mem_resize(tree->entries, capacity, sizeof(*tree->entries));
		}
		struct tree_entry *entry = &tree->entries[tree->count];
		if (parse_record(parser, entry, err) < 0) {
			return -1;
		}
		if (tree->count && strcmp(entry[-1].path, entry->path) >= 0) {
			return complain(parser, err, "a path out of order");
		}
		const struct tree_entry *parent = has_last ? &tree->entries[parent_index] : NULL;
		if (!has_parent(tree, entry->path, &parent)) {
			return complain(parser, err, "a path whose parent is no directory");
		}
		has_last = parent != NULL;
		parent_index = parent ? (size_t)(parent - tree->entries) : 0;
		tree->count++;
	}
	return 0;
}

int
tree_parse(struct buf *manifest, struct tree *ret_tree, struct err *err)
{
	struct tree tree = {0};
	const char *text = buf_text(manifest);
	struct parser parser = {.at = text, .end = text + manifest->length, .text = text};

	if (parse_all(&parser, &tree, err) < 0) {
		free(tree.entries);
		return -1;
	}
	tree.text_length = manifest->length;
	tree.id = sha256_of(text, manifest->length);
	tree.text = buf_take(manifest);
	*ret_tree = tree;
	return 0;
}

void
tree_done(struct tree *tree)
{
	free(tree->entries);
	free(tree->text);
	*tree = (struct tree){0};
}

const struct tree_entry *
tree_find(const struct tree *tree, const char *path)
{
	return find_prefix(tree, path, strlen(path));
}

void
tree_record(struct buf *manifest, const struct tree_entry *entry)
{
	char hex[DIGEST_HEX];

	buf_putc(manifest, type_letters[entry->type]);
	buf_add(manifest, entry->path, strlen(entry->path) + 1);
	if (entry->type == TREE_LINK) {
		buf_add(manifest, entry->target, strlen(entry->target) + 1);
	} else if (entry->type != TREE_DIR) {
		buf_add(manifest, digest_hex(&entry->content, hex), DIGEST_HEX);
		buf_printf(manifest, "%" PRIu64, entry->size);
		buf_putc(manifest, '\0');
	}
}
