/* SPDX-License-Identifier: MIT */
/* Names are made here, in the archive's order, so that each sees what was before it. Contents of
 * usual size are left to the filler's threads; larger ones are written as they come. Each byte is
 * read once: on its way to the file it is hashed. */
#include "archive/receive.h"

#include "archive/archive.h"
#include "archive/filler.h"
#include "archive/inventory.h"
#include "archive/member.h"
#include "archive/parcel.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/printable.h"
#include "tree/seal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { USUAL_FILE = 1 << 20, CHUNK = 256 * 1024, LOOK = 16 << 20 };

/* A file whose contents come. */
struct arriving {
	int fd; /* -1: none */
	struct tree_entry *entry;
	char *data; /* so far, … */
	size_t size, capacity;
	struct sha256 hash; /* … or, once that is too much, what has been written */
	bool is_large;
	uint64_t written;
};

struct receiver {
	struct parcel_reader reader;
	struct members members;
	struct inventory inventory;
	struct filler *filler;
	struct arriving arriving;
	uint64_t bytes_left, bytes_most;
};

static int
not_written(const struct arriving *arriving, int number, struct err *err)
{
	cleanup_free char *shown = printable_name(arriving->entry->path);

	return err_set(err, number, "writing '%s'", shown);
}

static int
write_large(struct arriving *arriving, const char *data, size_t size, struct err *err)
{
	if (fs_write_all(arriving->fd, data, size, NULL) < 0) {
		return not_written(arriving, errno, err);
	}
	sha256_update(&arriving->hash, data, size);
	arriving->written += size;
	return 0;
}

static int
become_large(struct arriving *arriving, struct err *err)
{
	if (arriving->is_large) {
		return 0;
	}
	sha256_init(&arriving->hash);
	arriving->is_large = true;
	return write_large(arriving, arriving->data, arriving->size, err);
}

static void
make_room(struct arriving *arriving, size_t more)
{
	size_t wanted = arriving->size + more;

	if (wanted > arriving->capacity) {
		size_t twice = arriving->capacity * 2;
		arriving->capacity = wanted > twice ? wanted : twice;
		arriving->data = mem_resize(arriving->data, arriving->capacity, 1);
	}
}

/* A hole of a large file stays one. To hash as much as a small archive can make takes minutes. */
static int
skip(struct arriving *arriving, uint64_t size, int cancel_fd, struct err *err)
{
	static const char zeros[4096];

	if (lseek(arriving->fd, (off_t)size, SEEK_CUR) < 0) {
		return not_written(arriving, errno, err);
	}
	arriving->written += size;
	for (uint64_t done = 0; done < size; done += sizeof(zeros)) {
		uint64_t left = size - done;
		if (done % LOOK == 0 && cancel_is_asked(cancel_fd)) {
			return err_fail(err, STATUS_INTERRUPTED, "unpacking was stopped");
		}
		sha256_update(&arriving->hash, zeros, left < sizeof(zeros) ? left : sizeof(zeros));
	}
	return 0;
}

static bool
is_usual(const struct arriving *arriving, uint64_t more)
{
	return !arriving->is_large && more <= USUAL_FILE - arriving->size;
}

static int
take_hole(struct receiver *receiver, uint64_t size, struct err *err)
{
	struct arriving *arriving = &receiver->arriving;

	if (is_usual(arriving, size)) {
		make_room(arriving, (size_t)size);
		memset(arriving->data + arriving->size, 0, (size_t)size);
		arriving->size += (size_t)size;
		return 1;
	}
	return become_large(arriving, err) < 0 ||
			       skip(arriving, size, receiver->reader.cancel_fd, err) < 0
		       ? -1
		       : 1;
}

static int
take_data(struct receiver *receiver, uint64_t size, struct err *err)
{
	struct arriving *arriving = &receiver->arriving;

	if (is_usual(arriving, size)) {
		make_room(arriving, (size_t)size);
		int result = parcel_read_data(
			&receiver->reader, arriving->data + arriving->size, (size_t)size, err);
		arriving->size += (size_t)size;
		return result;
	}
	if (become_large(arriving, err) < 0) {
		return -1;
	}
	cleanup_free char *chunk = mem_alloc(CHUNK);
	while (size > 0) {
		size_t part = size < CHUNK ? (size_t)size : CHUNK;
		int result = parcel_read_data(&receiver->reader, chunk, part, err);
		if (result < 1) {
			return result;
		}
		if (write_large(arriving, chunk, part, err) < 0) {
			return -1;
		}
		size -= part;
	}
	return 1;
}

/* The helper says so first, in the archive's terms: this is for one that does not. */
static int
count_bytes(struct receiver *receiver, uint64_t size, struct err *err)
{
	if (size > receiver->bytes_left) {
		return err_fail(err, STATUS_LIMIT,
			"the archive unpacks to more than %" PRIu64 " bytes", receiver->bytes_most);
	}
	receiver->bytes_left -= size;
	return 0;
}

static int
take_contents(struct receiver *receiver, const struct parcel *parcel, struct err *err)
{
	if (receiver->arriving.fd < 0) {
		return 0;
	}
	if (count_bytes(receiver, parcel->size, err) < 0) {
		return -1;
	}
	if (parcel->size == 0) {
		return 1;
	}
	return parcel->kind == PARCEL_HOLE ? take_hole(receiver, parcel->size, err)
					   : take_data(receiver, parcel->size, err);
}

static void
arriving_done(struct arriving *arriving)
{
	fs_close_slot(&arriving->fd);
	free(arriving->data);
	if (arriving->is_large) {
		sha256_done(&arriving->hash);
	}
	*arriving = (struct arriving){.fd = -1};
}

static int
finish_large(struct arriving *arriving, struct err *err)
{
	arriving->entry->content = sha256_final(&arriving->hash);
	arriving->entry->size = arriving->written;
	/* It may end in a hole. */
	if (ftruncate(arriving->fd, (off_t)arriving->written) < 0) {
		return not_written(arriving, errno, err);
	}
	return seal_file(arriving->fd, arriving->entry->type, err);
}

/* Another record than contents: the file before it is whole. */
static int
finish_file(struct receiver *receiver, struct err *err)
{
	struct arriving *arriving = &receiver->arriving;
	int result = 0;

	if (arriving->fd >= 0 && arriving->is_large) {
		result = finish_large(arriving, err);
	} else if (arriving->fd >= 0) {
		result = filler_take(receiver->filler, arriving->fd, steal(arriving->data),
			arriving->size, arriving->entry, err);
		arriving->fd = -1;
	}
	arriving_done(arriving);
	return result;
}

static int
begin_file(struct receiver *receiver, const struct parcel *parcel, struct err *err)
{
	bool is_program = parcel->kind == PARCEL_PROGRAM;
	int fd;

	if (members_file(&receiver->members, parcel->path, &fd, err) < 0) {
		return -1;
	}
	receiver->arriving = (struct arriving){
		.fd = fd,
		.entry = inventory_add(&receiver->inventory, is_program ? TREE_PROGRAM : TREE_FILE,
			parcel->path, NULL, NULL),
	};
	return 0;
}

static int
make_link(struct receiver *receiver, const struct parcel *parcel, struct err *err)
{
	if (members_symlink(&receiver->members, parcel->path, parcel->target, err) < 0) {
		return -1;
	}
	(void)inventory_add(&receiver->inventory, TREE_LINK, parcel->path, parcel->target, NULL);
	return 0;
}

static int
make_hard_link(struct receiver *receiver, const struct parcel *parcel, struct err *err)
{
	if (members_hard_link(&receiver->members, parcel->path, parcel->target, err) < 0) {
		return -1;
	}
	if (strcmp(parcel->path, parcel->target) != 0) {
		(void)inventory_add(
			&receiver->inventory, TREE_FILE, parcel->path, NULL, parcel->target);
	}
	return 0;
}

static int
make_directory(struct receiver *receiver, const struct parcel *parcel, struct err *err)
{
	if (members_directory(&receiver->members, parcel->path, err) < 0) {
		return -1;
	}
	(void)inventory_add(&receiver->inventory, TREE_DIR, parcel->path, NULL, NULL);
	return 0;
}

/* 1, 0 (makes no sense), -1. */
static int
take_member(struct receiver *receiver, const struct parcel *parcel, struct err *err)
{
	int result;

	if (!fs_is_clean_relative(parcel->path) ||
		(parcel->kind == PARCEL_HARD_LINK && !fs_is_clean_relative(parcel->target))) {
		return 0;
	}
	if (members_count(&receiver->members, err) < 0) {
		return -1;
	}
	switch (parcel->kind) {
	case PARCEL_DIRECTORY:
		result = make_directory(receiver, parcel, err);
		break;
	case PARCEL_LINK:
		result = make_link(receiver, parcel, err);
		break;
	case PARCEL_HARD_LINK:
		result = make_hard_link(receiver, parcel, err);
		break;
	default:
		result = begin_file(receiver, parcel, err);
	}
	return result < 0 ? -1 : 1;
}

static int
take_parcel(struct receiver *receiver, const struct parcel *parcel, struct err *err)
{
	if (parcel->kind == PARCEL_DATA || parcel->kind == PARCEL_HOLE) {
		return take_contents(receiver, parcel, err);
	}
	return finish_file(receiver, err) < 0 ? -1 : take_member(receiver, parcel, err);
}

/* Up to the end, which is judged here. */
static int
take_stream(struct receiver *receiver, struct err *err)
{
	for (;;) {
		struct parcel parcel;
		int result = parcel_read(&receiver->reader, &parcel, err);
		if (result < 1) {
			return result;
		}
		bool is_end = parcel.kind == PARCEL_END;
		result = is_end ? parcel_judge(&parcel, err) : take_parcel(receiver, &parcel, err);
		parcel_done(&parcel);
		if (is_end && result == 1) {
			return finish_file(receiver, err) < 0 ? -1 : 1;
		}
		if (result < 1) {
			return result;
		}
	}
}

static int
receive(struct receiver *receiver, int to_fd, struct tree *ret_tree, struct err *err)
{
	struct tree tree = {0};
	int result = take_stream(receiver, err);

	if (result < 1) {
		return result;
	}
	if (filler_wait(receiver->filler, err) < 0 ||
		inventory_tree(&receiver->inventory, &tree, err) < 0) {
		return -1;
	}
	if (seal_dirs(to_fd, &tree, err) < 0) {
		tree_done(&tree);
		return -1;
	}
	*ret_tree = tree;
	return 1;
}

int
receive_tree(int stream, int to_fd, const struct archive_limits *limits, int cancel_fd,
	struct tree *ret_tree, struct err *err)
{
	struct receiver receiver = {
		.arriving = {.fd = -1},
		.filler = filler_new(),
		.bytes_left = limits->bytes,
		.bytes_most = limits->bytes,
	};

	parcel_reader_init(&receiver.reader, stream, cancel_fd);
	members_init(&receiver.members, to_fd, limits->entries);
	int result = receive(&receiver, to_fd, ret_tree, err);
	arriving_done(&receiver.arriving);
	filler_free(receiver.filler);
	inventory_done(&receiver.inventory);
	members_done(&receiver.members);
	parcel_reader_done(&receiver.reader);
	return result;
}
