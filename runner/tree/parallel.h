/* SPDX-License-Identifier: MIT */
/* The same work on many items, on all processors. */
#ifndef BRUN_PARALLEL_H
#define BRUN_PARALLEL_H

#include <stddef.h>
#include <stdint.h>

struct err;

/* Calls work(context, i, err) for each i < count, in no order, on up to one thread a processor
 * (just the caller's where `bytes`, the amount of data, is not worth a thread). The failure with
 * the lowest index is reported; after one, no new item is begun. */
int parallel_each(size_t count, uint64_t bytes,
	int (*work)(void *context, size_t index, struct err *err), void *context, struct err *err);

/* The same for work that waits for the disk more than it computes: on more threads than there are
 * processors. */
int parallel_each_waiting(size_t count, int (*work)(void *context, size_t index, struct err *err),
	void *context, struct err *err);

#endif
