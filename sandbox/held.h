/* SPDX-License-Identifier: MIT */
/* Files that have no name any more and live on in the descriptors of a step's processes. */
#ifndef BRUN_SANDBOX_HELD_H
#define BRUN_SANDBOX_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct family;

struct held {
	uint64_t on_devices; /* bytes that they take on the devices asked for */
	uint64_t elsewhere;  /* on all others: in memory, in a step */
	/* There is one on these devices that is only mapped, or descriptors that lie in a socket's
	 * queue or with a process that can't be looked into. */
	bool is_partial;
	bool has_queued; /* such descriptors */
};

/* Sums up what the members of a family hold; but its first one is ours and holds nothing. */
void held_by(const struct family *family, const dev_t *devices, size_t device_count,
	struct held *ret_held);

#endif
