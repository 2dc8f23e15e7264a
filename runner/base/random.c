/* SPDX-License-Identifier: MIT */
#include "random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* getrandom(2): up to 256 bytes come whole, and no signal interrupts it once the pool is ready. */
uint64_t
random_number(void)
{
	uint64_t number = 0;
	ssize_t got;

	do {
		got = getrandom(&number, sizeof(number), 0);
	} while (got < 0 && errno == EINTR);
	if (got != sizeof(number)) {
		perror("brun: getrandom");
		abort();
	}
	return number;
}
