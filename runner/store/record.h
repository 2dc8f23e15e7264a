/* SPDX-License-Identifier: MIT */
/* The text form of what an action produced; store_get_record and store_put_record use it. */
#ifndef BRUN_RECORD_H
#define BRUN_RECORD_H

#include <stddef.h>

struct buf;
struct err;
struct record;

/* Bytes of a record's text at most; one that is longer is damaged. */
enum { RECORD_MAX = 64 << 20 };

/* Reads a record; every field must be there and of its type. record_done frees. */
int record_parse(const char *text, size_t length, struct record *ret_record, struct err *err);

/* Appends the record's text. */
void record_print(const struct record *record, struct buf *text);

#endif
