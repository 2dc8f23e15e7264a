/* SPDX-License-Identifier: MIT */
/* How actions are called in front of people. */
#ifndef BRUN_WORDING_H
#define BRUN_WORDING_H

#include <stdbool.h>

struct action;

/* An action's name: its own, else the last part of what it fetches, else its kind. Borrowed. It
 * comes from a recipe: it may hold anything. */
const char *wording_name(const struct action *action);

/* "fetching", "building", … and "fetched", "built", … */
const char *wording_doing(const struct action *action);
const char *wording_done(const struct action *action);

/* Is it worth a line of its own when it is done? Steps, packing and the base are; what only
 * moves files about is not. */
bool wording_is_notable(const struct action *action);

#endif
