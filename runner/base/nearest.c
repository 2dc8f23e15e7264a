/* SPDX-License-Identifier: MIT */
#include "nearest.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST = 64 };

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
nearest_distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1];
	size_t height = strlen(a), width = strlen(b);
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	if (height > LONGEST || width > LONGEST) {
		return SIZE_MAX;
	}
	for (size_t j = 0; j <= width; j++) {
		above[j] = j;
		before[j] = j;
	}
	for (size_t i = 1; i <= height; i++) {
		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			row[j] = least(least(row[j - 1], above[j]) + 1,
				above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
				row[j] = least(row[j], before[j - 2] + 1);
			}
		}
		size_t *oldest = before;
		before = above;
		above = row;
		row = oldest;
	}
	return above[width];
}

const char *
nearest_name(const char *name, const char *const *known, size_t count)
{
	const char *best = NULL;
	size_t best_distance = (strlen(name) + 2) / 3 + 1;

	for (size_t i = 0; i < count; i++) {
		size_t distance = nearest_distance(name, known[i]);
		if (distance < best_distance) {
			best = known[i];
			best_distance = distance;
		}
	}
	return best;
}
