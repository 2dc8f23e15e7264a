/* SPDX-License-Identifier: MIT */
#include "cancel.h"

#include <poll.h>

/* poll(2) passes over a descriptor that is negative. */
bool
cancel_is_asked(int cancel_fd)
{
	struct pollfd cancel = {.fd = cancel_fd, .events = POLLIN};

	return poll(&cancel, 1, 0) > 0;
}
