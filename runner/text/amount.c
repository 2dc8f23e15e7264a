/* SPDX-License-Identifier: MIT */
#include "text/amount.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "text/quote.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	double factor;
};

/* A number of at most 15 digits and a fraction, then one of the units (the last has no name). */
static bool
parse(const char *text, const struct unit *units, double *ret_amount)
{
	size_t digits = strspn(text, "0123456789");
	size_t length = digits;

	if (text[length] == '.') {
		length += 1 + strspn(text + length + 1, "0123456789");
	}
	if (!digits || digits > 15 || text[length - 1] == '.') {
		return false;
	}
	cleanup_free char *number = mem_strndup(text, length);
	for (; units->name; units++) {
		if (strcasecmp(text + length, units->name) == 0) {
			*ret_amount = floor(strtod(number, NULL) * units->factor);
			return *ret_amount <= 9e18;
		}
	}
	return false;
}

int
amount_parse_age(const char *text, int64_t *ret_seconds, struct err *err)
{
	static const struct unit units[] = {
		{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}, {NULL, 0}};
	double amount = 0;

	if (!parse(text, units, &amount)) {
		cleanup_free char *quoted = quote_path(text);
		err_fail(err, STATUS_USAGE, "%s is no age", quoted);
		return err_hint(err, "write it as 90s, 30m, 12h, 7d or 2w");
	}
	*ret_seconds = (int64_t)amount;
	return 0;
}

int
amount_parse_size(const char *text, uint64_t *ret_bytes, struct err *err)
{
	static const struct unit units[] = {{"", 1}, {"B", 1}, {"k", 1e3}, {"kB", 1e3}, {"M", 1e6},
		{"MB", 1e6}, {"G", 1e9}, {"GB", 1e9}, {"T", 1e12}, {"TB", 1e12}, {NULL, 0}};
	double amount = 0;

	if (!parse(text, units, &amount) || amount < 1) {
		cleanup_free char *quoted = quote_path(text);
		err_fail(err, STATUS_USAGE, "%s is no size", quoted);
		return err_hint(err, "write it as 800M, 20G or 1.5T");
	}
	*ret_bytes = (uint64_t)amount;
	return 0;
}

void
amount_add_bytes(struct buf *text, uint64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	uint64_t unit = 1000;
	size_t i = 0;

	if (bytes < 1000) {
		buf_printf(text, "%" PRIu64 " B", bytes);
		return;
	}
	while (i < 5 && bytes / unit >= 1000) {
		unit *= 1000;
		i++;
	}
	buf_printf(text, "%" PRIu64 ".%" PRIu64 " %s", bytes / unit, bytes % unit / (unit / 10),
		units[i]);
}
