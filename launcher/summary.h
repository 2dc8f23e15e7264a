/* SPDX-License-Identifier: MIT */
/* What a packed directory holds, for people. */
#ifndef BRUN_SUMMARY_H
#define BRUN_SUMMARY_H

struct buf;
struct json_t;

/* Appends the inspection of a directory (pack_inspect's JSON, which has all of it) as text. */
void summary_print(const struct json_t *root, struct buf *ret_text);

#endif
