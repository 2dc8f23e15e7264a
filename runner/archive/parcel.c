/* SPDX-License-Identifier: MIT */
/* A record is a head, the path's bytes, the target's bytes. Numbers are as the processor has them:
 * both ends are on one machine.
 *
 *	kind            path        target      size
 *	d               the member
 *	f x             the file or program, whose contents follow
 *	c                                       that many bytes follow
 *	o                                       that many zeros
 *	l               the link    where to
 *	h               the link    the member that it is another name of
 *	e               a message               status * 2^32 + errno; nothing follows
 *
 * A path is clean and relative, components that were to be dropped are gone. */
#include "archive/parcel.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/printable.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, TEXT_MOST = 16384 };

struct head {
	uint8_t kind, unused[3];
	uint32_t path_length, target_length, unused_too;
	uint64_t size;
};

void
parcel_writer_init(struct parcel_writer *writer, int fd)
{
	*writer = (struct parcel_writer){.fd = fd, .buffer = mem_alloc(BUFFER)};
}

void
parcel_writer_done(struct parcel_writer *writer)
{
	free(writer->buffer);
}

static int
flush(struct parcel_writer *writer)
{
	size_t used = writer->used;

	writer->used = 0;
	return fs_write_all(writer->fd, writer->buffer, used, NULL);
}

static int
put_bytes(struct parcel_writer *writer, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		size_t part = BUFFER - writer->used < size ? BUFFER - writer->used : size;
		memcpy(writer->buffer + writer->used, at, part);
		writer->used += part;
		at += part;
		size -= part;
		if (writer->used == BUFFER && flush(writer) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
put_head(struct parcel_writer *writer, enum parcel_kind kind, size_t path_length,
	size_t target_length, uint64_t size)
{
	struct head head = {.kind = (uint8_t)kind,
		.path_length = (uint32_t)path_length,
		.target_length = (uint32_t)target_length,
		.size = size};

	return put_bytes(writer, &head, sizeof(head));
}

int
parcel_put(
	struct parcel_writer *writer, enum parcel_kind kind, const char *path, const char *target)
{
	size_t path_length = strlen(path), target_length = target ? strlen(target) : 0;

	return put_head(writer, kind, path_length, target_length, 0) < 0 ||
			       put_bytes(writer, path, path_length) < 0 ||
			       put_bytes(writer, target, target_length) < 0
		       ? -1
		       : 0;
}

int
parcel_put_data(struct parcel_writer *writer, const void *data, size_t size)
{
	return size > 0 && (put_head(writer, PARCEL_DATA, 0, 0, size) < 0 ||
				   put_bytes(writer, data, size) < 0)
		       ? -1
		       : 0;
}

int
parcel_put_hole(struct parcel_writer *writer, uint64_t size)
{
	return size > 0 ? put_head(writer, PARCEL_HOLE, 0, 0, size) : 0;
}

int
parcel_put_end(struct parcel_writer *writer, const struct err *how)
{
	size_t length = strlen(how->text);
	uint64_t size = (uint64_t)how->status << 32 | (uint32_t)how->number;

	return put_head(writer, PARCEL_END, length, 0, size) < 0 ||
			       put_bytes(writer, how->text, length) < 0
		       ? -1
		       : flush(writer);
}

void
parcel_reader_init(struct parcel_reader *reader, int fd, int cancel_fd)
{
	*reader = (struct parcel_reader){
		.fd = fd, .cancel_fd = cancel_fd, .buffer = mem_alloc(BUFFER)};
}

void
parcel_reader_done(struct parcel_reader *reader)
{
	free(reader->buffer);
}

/* 1: there is something in the buffer; 0: the end; -1. */
static int
refill(struct parcel_reader *reader, struct err *err)
{
	struct pollfd polled[] = {{reader->fd, POLLIN, 0}, {reader->cancel_fd, POLLIN, 0}};

	for (;;) {
		if (poll(polled, 2, -1) < 0) {
			if (errno == EINTR) {
				continue;
			}
			return err_set(err, errno, "poll");
		}
		if (polled[1].revents) {
			return err_fail(err, STATUS_INTERRUPTED, "unpacking was stopped");
		}
		ssize_t got = read(reader->fd, reader->buffer, BUFFER);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return err_set(err, errno, "reading from the unpack helper");
		}
		reader->at = 0;
		reader->end = (size_t)got;
		return got > 0;
	}
}

int
parcel_read_data(struct parcel_reader *reader, void *data, size_t size, struct err *err)
{
	char *to = data;

	while (size > 0) {
		if (reader->at == reader->end) {
			int more = refill(reader, err);
			if (more <= 0) {
				return more;
			}
		}
		size_t there = reader->end - reader->at;
		size_t part = there < size ? there : size;
		memcpy(to, reader->buffer + reader->at, part);
		reader->at += part;
		to += part;
		size -= part;
	}
	return 1;
}

static int
read_text(struct parcel_reader *reader, uint32_t length, char **ret_text, struct err *err)
{
	cleanup_free char *text = mem_alloc((size_t)length + 1);
	int result = parcel_read_data(reader, text, length, err);

	text[result == 1 ? length : 0] = '\0';
	if (result == 1 && strlen(text) == length) {
		*ret_text = steal(text);
		return 1;
	}
	return result < 0 ? -1 : 0;
}

static bool
is_well_formed(const struct head *head)
{
	bool has_path = strchr("dfxlh", head->kind) != NULL;
	bool has_target = strchr("lh", head->kind) != NULL;

	if (head->kind == PARCEL_END) {
		return head->path_length <= TEXT_MOST && head->target_length == 0;
	}
	return head->kind != '\0' && strchr("dfxlhco", head->kind) &&
	       (head->path_length > 0) == has_path && head->path_length < PATH_MAX &&
	       (head->target_length > 0) == has_target && head->target_length < PATH_MAX;
}

int
parcel_read(struct parcel_reader *reader, struct parcel *ret_parcel, struct err *err)
{
	struct parcel parcel = {0};
	struct head head;
	int result = parcel_read_data(reader, &head, sizeof(head), err);

	if (result == 1 && !is_well_formed(&head)) {
		result = 0;
	}
	if (result == 1) {
		result = read_text(reader, head.path_length, &parcel.path, err);
	}
	if (result == 1) {
		result = read_text(reader, head.target_length, &parcel.target, err);
	}
	if (result < 1) {
		parcel_done(&parcel);
		return result;
	}
	parcel.kind = (enum parcel_kind)head.kind;
	parcel.size = head.size;
	parcel.status = (int)(head.size >> 32);
	parcel.number = (int)(uint32_t)head.size;
	*ret_parcel = parcel;
	return 1;
}

int
parcel_judge(const struct parcel *parcel, struct err *err)
{
	if (parcel->status < 0 || parcel->status > STATUS_UNPACKABLE) {
		return 0;
	}
	if (parcel->status == STATUS_OK) {
		return 1;
	}
	cleanup_free char *shown = printable_text(parcel->path);
	err_fail(err, (enum status)parcel->status, "%s", shown);
	if (err) {
		err->number = parcel->number;
	}
	return -1;
}

void
parcel_done(struct parcel *parcel)
{
	free(parcel->path);
	free(parcel->target);
	*parcel = (struct parcel){0};
}
