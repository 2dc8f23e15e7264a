/* SPDX-License-Identifier: MIT */
/* What unpack-helper tells of an archive, as a stream of records; the format is at the top of
 * parcel.c. The far side is hostile once an archive has taken it over: what is read here is checked
 * for form and length only, its meaning is the reader's matter. */
#ifndef BRUN_PARCEL_H
#define BRUN_PARCEL_H

#include <stddef.h>
#include <stdint.h>

struct err;

enum parcel_kind {
	PARCEL_DIRECTORY = 'd',
	PARCEL_FILE = 'f',
	PARCEL_PROGRAM = 'x',
	PARCEL_LINK = 'l',
	PARCEL_HARD_LINK = 'h',
	PARCEL_DATA = 'c', /* more of the last file: bytes, … */
	PARCEL_HOLE = 'o', /* … or that many zeros */
	PARCEL_END = 'e',
};

/* The writing side. */
struct parcel_writer {
	int fd; /* borrowed */
	char *buffer;
	size_t used;
};

void parcel_writer_init(struct parcel_writer *writer, int fd);
void parcel_writer_done(struct parcel_writer *writer);

/* A member; target is NULL but for links. 0 or -1 (nobody reads any more). */
int parcel_put(
	struct parcel_writer *writer, enum parcel_kind kind, const char *path, const char *target);
int parcel_put_data(struct parcel_writer *writer, const void *data, size_t size);
int parcel_put_hole(struct parcel_writer *writer, uint64_t size);

/* The last record: how it went, as an err; status 0 is well. Sends what is buffered. */
int parcel_put_end(struct parcel_writer *writer, const struct err *how);

/* The reading side. */
struct parcel_reader {
	int fd, cancel_fd; /* borrowed; cancel_fd as in store_lock */
	char *buffer;
	size_t at, end;
};

struct parcel {
	enum parcel_kind kind;
	uint64_t size; /* of a hole, or of data, which is then to be read with parcel_read_data */
	char *path, *target; /* strings, owned: parcel_done; an end's text is `path` */
	int status, number;  /* of an end */
};

void parcel_reader_init(struct parcel_reader *reader, int fd, int cancel_fd);
void parcel_reader_done(struct parcel_reader *reader);

/* 1 and the next record; 0: the stream ends, or is none; -1: err (also STATUS_INTERRUPTED). */
int parcel_read(struct parcel_reader *reader, struct parcel *ret_parcel, struct err *err);
void parcel_done(struct parcel *parcel);

/* Of an end: 1: all is well; -1: what the far side says in its words; 0: that makes no sense. */
int parcel_judge(const struct parcel *parcel, struct err *err);

/* Exactly `size` bytes of the last record: 1, 0 or -1 as parcel_read. */
int parcel_read_data(struct parcel_reader *reader, void *data, size_t size, struct err *err);

#endif
