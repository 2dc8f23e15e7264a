/* SPDX-License-Identifier: MIT */
/* A look from inside of a running step's user and ipc namespaces: there a process of ours passes
 * the modes of the step's files, and sees its shared memory. */
#ifndef BRUN_SANDBOX_VISIT_H
#define BRUN_SANDBOX_VISIT_H

#include <stdbool.h>
#include <stddef.h>

struct family;

/* Lets look(context, result) fill in `size` bytes in a process of its own there, and brings them
 * back. The step can neither see nor reach that process. False where no process of the step lets
 * itself be followed. */
bool visit_step(const struct family *family, void (*look)(const void *context, void *result),
	const void *context, void *result, size_t size);

#endif
