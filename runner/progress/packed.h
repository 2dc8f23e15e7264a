/* SPDX-License-Identifier: MIT */
/* What packing made of a tree: the report at the end. */
#ifndef BRUN_PACKED_H
#define BRUN_PACKED_H

struct buf;
struct pack_report;

/* Appends "1 program, 9 libraries, 12.8 MB (glibc 2.3 MB)". */
void packed_add_words(struct buf *text, const struct pack_report *report);

/* Appends its first warnings, as many as a person reads at once, one a line with "warning: " in
 * front; where there are more, a line that says so and ends with `where` they are. */
void packed_add_warnings(struct buf *text, const struct pack_report *report, const char *where);

/* Appends its figures and warnings as members of a JSON object, each with a ',' in front. */
void packed_add_json(struct buf *line, const struct pack_report *report);

#endif
