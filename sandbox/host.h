/* SPDX-License-Identifier: MIT */
/* What about this host is in the way of a sandbox. */
#ifndef BRUN_SANDBOX_HOST_H
#define BRUN_SANDBOX_HOST_H

#include "stage.h"

struct err;

/* Tries each kind of namespace on its own; the name of the first that is refused ("network"), or
 * NULL where only all of them together are. *ret_number: its errno. */
const char *host_refused_namespace(int *ret_number);

/* Adds lines to err: which setting refuses this stage, and what to do about it. */
void host_advise(enum stage stage, int number, const char *namespace_kind, struct err *err);

#endif
