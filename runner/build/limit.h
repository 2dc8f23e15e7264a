/* SPDX-License-Identifier: MIT */
/* The limits of steps that a person sets, on the command line and in the configuration. Who has the
 * last word: --limit, then the recipe, then the configuration, then what sandbox.h says. */
#ifndef BRUN_LIMIT_H
#define BRUN_LIMIT_H

#include <stddef.h>

#include "plan/plan.h"

struct err;
struct sandbox_limits;

struct limits {
	struct step_limits given;      /* --limit */
	struct step_limits configured; /* "limits" in the configuration */
};

/* Adds "NAME=NUMBER" from the command line. The names are a recipe's: time and silence (seconds, or
 * with m, h), memory, disk and log (bytes, or with K, M, G, T: powers of 1024), processes.
 * STATUS_USAGE where it is something else. */
int limit_add(struct limits *limits, const char *name_is_number, struct err *err);
int limit_add_all(
	struct limits *limits, const char *const *names_are_numbers, size_t count, struct err *err);

/* Reads {"limits": {NAME: number | "text as above"}} of the configuration. STATUS_USAGE. */
int limit_configure(struct limits *limits, struct err *err);

/* What counts for an action, all of it filled but memory, which has no default. limits may be
 * NULL: nobody set any. */
void limit_of(const struct action *action, const struct limits *limits,
	struct sandbox_limits *ret_limits);

#endif
