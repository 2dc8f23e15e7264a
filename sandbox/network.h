/* SPDX-License-Identifier: MIT */
/* The network of a step. Safe between clone and exec. */
#ifndef BRUN_SANDBOX_NETWORK_H
#define BRUN_SANDBOX_NETWORK_H

#include <stdbool.h>

/* Brings the loopback device of this network namespace up. -1 and errno. */
int network_raise_loopback(void);

/* For a step that shares the host's network: keeps the host's abstract sockets out of its reach,
 * where the kernel can (Landlock ABI 6, Linux 6.12). After no_new_privs. -1 and errno. */
int network_scope_abstract_sockets(void);
bool network_knows_scopes(void);

#endif
