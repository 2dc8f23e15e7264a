/* SPDX-License-Identifier: MIT */
#include "store/difference.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/store.h"
#include "text/quote.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN = 20, CHUNK = 65536 };

/* One of the two. */
struct side {
	struct tree tree;
	int fd;
	const struct tree_entry *at; /* what is compared next */
};

struct difference {
	struct side sides[2];
	size_t count;
	struct buf *text;
};

static int
open_side(struct store *store, const struct digest *id, struct side *side, struct err *err)
{
	cleanup_free char *path = store_tree_path(store, id);
	int found = store_get_tree(store, id, &side->tree, err);

	if (found <= 0) {
		return found < 0 ? -1 : err_fail(err, STATUS_STORE, "the tree '%s' is gone", path);
	}
	side->at = side->tree.entries;
	side->fd = fs_open_dir(AT_FDCWD, path, err);
	return side->fd < 0 ? -1 : 0;
}

static void
close_side(struct side *side)
{
	tree_done(&side->tree);
	fs_close_slot(&side->fd);
}

static bool
is_at_end(const struct side *side)
{
	return side->at == side->tree.entries + side->tree.count;
}

/* Reads until the chunk is full or the file ends. */
static ssize_t
read_chunk(int fd, char *chunk)
{
	size_t length = 0;
	ssize_t got;

	while (length < CHUNK && (got = read(fd, chunk + length, CHUNK - length)) != 0) {
		if (got < 0 && errno != EINTR) {
			return -1;
		}
		length += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)length;
}

/* The first byte that differs, or where the shorter one ends. */
static int
find_byte(const int *fds, uint64_t *ret_offset)
{
	char chunks[2][CHUNK];
	uint64_t offset = 0;

	for (;;) {
		ssize_t first = read_chunk(fds[0], chunks[0]);
		ssize_t second = read_chunk(fds[1], chunks[1]);
		if (first < 0 || second < 0) {
			return -1;
		}
		size_t both = (size_t)(first < second ? first : second), i = 0;
		while (i < both && chunks[0][i] == chunks[1][i]) {
			i++;
		}
		if (i < CHUNK) {
			*ret_offset = offset + i;
			return 0;
		}
		offset += CHUNK;
	}
}

static int
add_contents(struct difference *difference, struct err *err)
{
	const struct side *sides = difference->sides;
	const char *path = sides[0].at->path;
	cleanup_fd int first = openat(sides[0].fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_fd int second = openat(sides[1].fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	const int fds[] = {first, second};
	uint64_t offset;

	if (first < 0 || second < 0 || find_byte(fds, &offset) < 0) {
		return quote_failure("read", path, err);
	}
	buf_printf(difference->text, "contents, from byte %" PRIu64 " on", offset);
	if (sides[0].at->size != sides[1].at->size) {
		buf_printf(difference->text, " (%" PRIu64 " bytes, then %" PRIu64 ")",
			sides[0].at->size, sides[1].at->size);
	}
	return 0;
}

static const char *
name_of(enum tree_type type)
{
	static const char *const names[] = {
		[TREE_DIR] = "a directory",
		[TREE_FILE] = "a file that can't be executed",
		[TREE_PROGRAM] = "an executable file",
		[TREE_LINK] = "a link",
	};

	return names[type];
}

static int
add_what(struct difference *difference, struct err *err)
{
	const struct tree_entry *first = difference->sides[0].at, *second = difference->sides[1].at;

	if (first->type != second->type) {
		buf_printf(difference->text, "%s, then %s", name_of(first->type),
			name_of(second->type));
		return 0;
	}
	if (first->type == TREE_LINK) {
		cleanup_free char *was = quote_path(first->target);
		cleanup_free char *is = quote_path(second->target);
		buf_printf(difference->text, "a link to %s, then to %s", was, is);
		return 0;
	}
	return add_contents(difference, err);
}

/* False where enough are shown already. */
static bool
begin_line(struct difference *difference, const char *path)
{
	if (difference->count++ >= SHOWN) {
		return false;
	}
	cleanup_free char *name = quote_path(path);
	buf_printf(difference->text, "\n  %s: ", name);
	return true;
}

static bool
is_same(const struct tree_entry *a, const struct tree_entry *b)
{
	return a->type == b->type &&
	       (a->type == TREE_DIR ||
		       (a->type == TREE_LINK ? strcmp(a->target, b->target) == 0
					     : digest_equal(&a->content, &b->content)));
}

static int
add_pair(struct difference *difference, struct err *err)
{
	const struct side *sides = difference->sides;

	return is_same(sides[0].at, sides[1].at) || !begin_line(difference, sides[0].at->path)
		       ? 0
		       : add_what(difference, err);
}

static void
add_lone(struct difference *difference, const struct side *side)
{
	if (begin_line(difference, side->at->path)) {
		buf_printf(difference->text, "only the %s time",
			side == &difference->sides[0] ? "first" : "second");
	}
}

/* Both are in memcmp order of their paths. */
static int
merge(struct difference *difference, struct err *err)
{
	struct side *first = &difference->sides[0], *second = &difference->sides[1];

	while (!is_at_end(first) || !is_at_end(second)) {
		int order = is_at_end(first)	? 1
			    : is_at_end(second) ? -1
						: strcmp(first->at->path, second->at->path);
		if (order == 0 && add_pair(difference, err) < 0) {
			return -1;
		}
		if (order != 0) {
			add_lone(difference, order < 0 ? first : second);
		}
		first->at += order <= 0;
		second->at += order >= 0;
	}
	return 0;
}

int
difference_add(struct store *store, const struct digest *first, const struct digest *second,
	struct buf *text, struct err *err)
{
	struct difference difference = {.sides = {{.fd = -1}, {.fd = -1}}, .text = text};
	int result = open_side(store, first, &difference.sides[0], err);

	if (result == 0) {
		result = open_side(store, second, &difference.sides[1], err);
	}
	if (result == 0) {
		result = merge(&difference, err);
	}
	if (difference.count > SHOWN) {
		buf_printf(text, "\n  and %zu more", difference.count - SHOWN);
	}
	close_side(&difference.sides[0]);
	close_side(&difference.sides[1]);
	return result;
}
