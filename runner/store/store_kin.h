/* SPDX-License-Identifier: MIT */
/* Earlier records of an action: those of the same kind and name. */
#ifndef BRUN_STORE_KIN_H
#define BRUN_STORE_KIN_H

#include <stdbool.h>
#include <stddef.h>

#include "store/record.h"
#include "store/store.h"

/* What is looked for (borrowed), and what comes of it. */
struct kin {
	const char *kind, *name;
	const char *components; /* of the action as it is now */
	bool is_found;
	struct record record; /* the nearest: fewest differences, then the last; record_done */
	int differences;
};

/* Reads every record of the store once, on all processors. A record whose output is gone counts,
 * too. */
int store_find_kin(struct store *store, struct kin *kin, size_t count, struct err *err);

#endif
