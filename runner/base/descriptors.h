/* SPDX-License-Identifier: MIT */
/* Closing what a process was left by its caller, and standing in for what it was not. */
#ifndef BRUN_DESCRIPTORS_H
#define BRUN_DESCRIPTORS_H

/* Closes all descriptors from first to last (~0U: all above). Takes no memory and no lock: good
 * between fork and exec. Kernels before 5.9 lack the one call for it; there /proc must be mounted,
 * else only what the limit on descriptors leaves room for is closed. */
void descriptors_close(unsigned first, unsigned last);

/* Where 0, 1 or 2 is closed, the null device takes the number: else the next file that is opened
 * would, and get what is meant for a person. Writing to 1 fails then, as it did. */
void descriptors_fill_standard(void);

#endif
