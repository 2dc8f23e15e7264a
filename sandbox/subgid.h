/* SPDX-License-Identifier: MIT */
/* The group ids that a user may use beside the own one: subgid(5). */
#ifndef BRUN_SANDBOX_SUBGID_H
#define BRUN_SANDBOX_SUBGID_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct subgid {
	bool has_file;
	bool has_any;  /* of this user's */
	gid_t any;     /* one of them; never `besides` */
	uint64_t free; /* from here on nobody has any */
};

/* Looks for the user of this name and number. */
void subgid_find(const char *name, uid_t uid, gid_t besides, struct subgid *ret_subgid);

#endif
