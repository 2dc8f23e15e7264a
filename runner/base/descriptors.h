/* SPDX-License-Identifier: MIT */
/* Closing what a process was left by its caller. */
#ifndef BRUN_DESCRIPTORS_H
#define BRUN_DESCRIPTORS_H

/* Closes all descriptors from first to last (~0U: all above). Takes no memory and no lock: good
 * between fork and exec. Kernels before 5.9 lack the one call for it; there /proc must be mounted,
 * else only what the limit on descriptors leaves room for is closed. */
void descriptors_close(unsigned first, unsigned last);

#endif
