/* SPDX-License-Identifier: MIT */
/* The bytes of an archive's members, within a budget. */
#ifndef BRUN_CONTENTS_H
#define BRUN_CONTENTS_H

#include <stdint.h>

struct archive;
struct archive_entry;
struct err;
struct parcel_writer;

struct contents_budget {
	uint64_t left, most;
};

/* Sends the current member's bytes, holes as holes; NULL: reads them and keeps nothing. entry tells
 * the size of a file that ends in a hole; NULL: there is none such. `path` is for messages. */
int contents_copy(struct archive *archive, struct archive_entry *entry, struct parcel_writer *to,
	const char *path, struct contents_budget *budget, struct err *err);

/* STATUS_SOURCE: "WHAT: " and what libarchive said. Returns -1. */
int contents_complain(struct archive *archive, const char *what, struct err *err);

#endif
