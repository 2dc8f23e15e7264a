/* SPDX-License-Identifier: MIT */
/* Work that takes long has a cancel_fd: once it is readable, it is to stop. */
#ifndef BRUN_CANCEL_H
#define BRUN_CANCEL_H

#include <stdbool.h>

/* Is it readable now? Waits for nothing; -1: never. */
bool cancel_is_asked(int cancel_fd);

#endif
