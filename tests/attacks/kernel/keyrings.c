/* SPDX-License-Identifier: MIT */
/* Tries: to find the caller's keys, to leave keys for the next step, to join and to search
 * keyrings.
 * Must be seen: EPERM; the key outside is what it was and its payload comes out nowhere.
 * Known from: keyrings(7): they belong to no namespace but the user's; CVE-2016-0728
 * (join_session_keyring). */
#include "../attack.h"
#include "../inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { GET = 0, JOIN = 1, UPDATE = 2, REVOKE = 3, CLEAR = 7, SEARCH = 10, READ = 11, LINK = 8 };

ATTACK()
{
	static const int rings[] = {-1, -2, -3, -4, -5};
	long key = atol(told("key"));
	char value[128] = "";

	must_fail_with(EPERM, syscall(SYS_add_key, "user", "brun-attack", "x", 1, -2), "add_key");
	must_fail_with(
		EPERM, syscall(SYS_request_key, "user", "brun-canary", NULL, -2), "request_key");
	must_fail_with(EPERM, syscall(SYS_keyctl, JOIN, NULL), "join a keyring");
	for (size_t i = 0; i < sizeof(rings) / sizeof(*rings); i++) {
		long found = syscall(SYS_keyctl, SEARCH, rings[i], "user", "brun-canary", 0);
		must_fail(found < 0 ? -1 : 0, "search keyring %d", rings[i]);
		if (found > 0 && syscall(SYS_keyctl, READ, found, value, sizeof(value) - 1) > 0) {
			puts(value);
		}
		must_fail(
			syscall(SYS_keyctl, GET, rings[i], 1) < 0 ? -1 : 0, "keyring %d", rings[i]);
	}
	must_fail_with(EPERM, syscall(SYS_keyctl, READ, key, value, sizeof(value)), "read it");
	must_fail_with(EPERM, syscall(SYS_keyctl, LINK, key, -2), "link it");
	must_fail_with(EPERM, syscall(SYS_keyctl, 99, 0), "an unknown one");
}
