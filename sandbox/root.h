/* SPDX-License-Identifier: MIT */
/* The root directory of a step. Safe between clone and exec. All return -1 and errno. */
#ifndef BRUN_SANDBOX_ROOT_H
#define BRUN_SANDBOX_ROOT_H

/* Cuts the mounts of this namespace off from all others'. */
int root_isolate(void);

/* Mounts an empty tmpfs that is to become the root; its descriptor. */
int root_begin(void);

/* Makes it read-only; what is mounted below it stays as it is. */
int root_seal(int root);

/* Makes it "/" and "." and leaves the old root, which is gone then. */
int root_enter(int root);

#endif
