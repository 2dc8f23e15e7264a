/* SPDX-License-Identifier: MIT */
/* Tries: to read secrets of the caller's environment, its own and its ancestors'.
 * Must be seen: only the step's variables; the secret comes out nowhere.
 * Known from: environ(7): a variable like AWS_SECRET_ACCESS_KEY reaches every child that is not
 * started without it. */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <stdlib.h>

extern char **environ;

ATTACK()
{
	for (char **variable = environ; *variable; variable++) {
		puts(*variable);
	}
	must_be(getenv("BRUN_CANARY") == NULL, "the caller's variable is not there");
	must_be(getenv("BRUN_STORE") == NULL, "nor the store's place");
	show("/proc/self/environ");
	show("/proc/1/environ");
	show("/proc/1/cmdline");
}
