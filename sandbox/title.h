/* SPDX-License-Identifier: MIT */
/* What others see of a process in /proc/PID/cmdline and comm. */
#ifndef BRUN_SANDBOX_TITLE_H
#define BRUN_SANDBOX_TITLE_H

/* Where the arguments of a process lie; NULL: nowhere. */
struct title {
	char *start, *end;
};

/* Finds those of the calling process, as long as it sees the host's /proc. Both are safe between
 * clone and exec: no allocation. */
void title_find(struct title *ret_title);

/* Puts this text in their place, as far as there is room: what pointed there is gone. Whoever
 * shares the process's memory sees it, too. */
void title_set(const struct title *title, const char *text);

#endif
