/* SPDX-License-Identifier: MIT */
/* A new pseudo-terminal for a program, as it were the one that brun runs on: bytes, the window's
 * size and the end of it are passed on by a thread. */
#ifndef BRUN_TERMINAL_H
#define BRUN_TERMINAL_H

struct err;
struct terminal;

/* stdin and stdout are a terminal: that one turns raw until terminal_close. */
int terminal_open(struct terminal **ret_terminal, struct err *err);

/* The program's side, borrowed: for sandbox_spec.terminal_fd. */
const int *terminal_fd(const struct terminal *terminal);

/* Once all of the program is gone: shows the last of its output, and puts the terminal back. */
void terminal_close(struct terminal *terminal);

#endif
