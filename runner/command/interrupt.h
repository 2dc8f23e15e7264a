/* SPDX-License-Identifier: MIT */
/* SIGINT, SIGTERM and SIGHUP as a descriptor: what takes long watches it and cleans up. */
#ifndef BRUN_INTERRUPT_H
#define BRUN_INTERRUPT_H

struct err;

/* Blocks the signals, in this thread and those that it starts from now on. The descriptor becomes
 * readable, and stays so, when one arrives; -1 and err. */
int interrupt_open(struct err *err);

/* Puts the number of the signal that came into an err of STATUS_INTERRUPTED: 130, 143 or 129. */
void interrupt_explain(int fd, struct err *err);

/* Back to the default: a second signal ends the process, and a program that it becomes can be
 * ended. */
void interrupt_close(int fd);

#endif
