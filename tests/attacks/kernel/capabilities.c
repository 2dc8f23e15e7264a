/* SPDX-License-Identifier: MIT */
/* Tries: to raise capabilities, and to change what would let it.
 * Must be seen: EPERM each time.
 * Known from: capabilities(7), prctl(2). */
#include "../attack.h"

#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/securebits.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}};

	must_fail(syscall(SYS_capset, &header, sets), "all capabilities");
	for (int cap = 0; cap < 40; cap++) {
		must_be(prctl(PR_CAPBSET_READ, cap) == 0, "the bounding set is empty");
		must_fail(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0), "raise %d", cap);
	}
	must_be(syscall(SYS_capget, &header, sets) == 0 && !sets[0].effective &&
			!sets[0].permitted && !sets[0].inheritable && !sets[1].effective &&
			!sets[1].permitted,
		"there are none");
	must_fail(prctl(PR_SET_SECUREBITS, 0), "clear the securebits");
	must_fail(attack_is_ours() ? prctl(PR_SET_KEEPCAPS, 1) : -1, "keep capabilities");
	must_fail(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), "clear no_new_privs");
	must_be(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "no_new_privs is set");
	must_fail(prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, 0, 0, 0), "change what it says it is");
}
