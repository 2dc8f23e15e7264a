/* SPDX-License-Identifier: MIT */
/* Addresses: which are good, lists of them without repeats, and how they are shown. */
#ifndef BRUN_ADDRESS_H
#define BRUN_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise; addresses_done frees. */
struct addresses {
	char **items; /* NULL-terminated once there is one */
	size_t count;
};

/* Is this one http://, https:// or file:/// with something behind it, and no blanks or control
 * characters? */
bool address_is_good(const char *text);

/* Adds BASE/PATH (or BASE alone where path is NULL) unless it is there already. */
void addresses_add(struct addresses *addresses, const char *base, const char *path);
void addresses_done(struct addresses *addresses);

/* A heap copy fit for people and logs: without user name and password. */
char *address_shown(const char *url);

#endif
