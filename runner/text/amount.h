/* SPDX-License-Identifier: MIT */
/* Amounts as people write and read them. */
#ifndef BRUN_AMOUNT_H
#define BRUN_AMOUNT_H

#include <stdint.h>

struct buf;
struct err;

/* "90s", "30m", "12h", "7d", "2w": seconds. STATUS_USAGE on anything else. */
int amount_parse_age(const char *text, int64_t *ret_seconds, struct err *err);

/* "800M", "20G", "1.5T", also "20GB" and bytes without a unit, in powers of 1000 as amounts are
 * shown. STATUS_USAGE on anything else, and on 0. */
int amount_parse_size(const char *text, uint64_t *ret_bytes, struct err *err);

/* Appends "812 B", "12.3 MB", "4.0 GB". */
void amount_add_bytes(struct buf *text, uint64_t bytes);

#endif
