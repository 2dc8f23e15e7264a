/* SPDX-License-Identifier: MIT */
#ifndef BRUN_PROCESSORS_H
#define BRUN_PROCESSORS_H

/* How many of them this process may run on (sched_setaffinity(2) counts), 1 at least. */
unsigned processors_count(void);

#endif
