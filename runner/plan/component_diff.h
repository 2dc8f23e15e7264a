/* SPDX-License-Identifier: MIT */
/* In what the components of two keys differ. */
#ifndef BRUN_COMPONENT_DIFF_H
#define BRUN_COMPONENT_DIFF_H

#include <stddef.h>

/* One difference. Texts are borrowed for the call. */
struct component_change {
	const char *component; /* "script", "env", "packages", "inputs", "sandbox", … */
	const char *detail;    /* "line 3", "CFLAGS", an input's role; or "" */
	const char *was, *is;  /* NULL: it was, or is, not there */
	size_t input;	       /* of an input that is there: its index; else SIZE_MAX */
};

typedef void component_change_fn(void *context, const struct component_change *change);

/* Tells of each difference, in the order of the components' names; texts are plan_key's. The number
 * of differences, or -1 where one of the texts is none of those. `tell` may be NULL. */
int component_diff(const char *was, const char *is, component_change_fn *tell, void *context);

#endif
