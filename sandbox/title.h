/* SPDX-License-Identifier: MIT */
/* What others see of a process in /proc/PID/cmdline and comm. */
#ifndef BRUN_SANDBOX_TITLE_H
#define BRUN_SANDBOX_TITLE_H

/* Puts this in the place of the calling process's arguments, as far as there is room. Whoever
 * shares its memory sees it, too. Safe between clone and exec: no allocation. */
void title_set(const char *title);

#endif
