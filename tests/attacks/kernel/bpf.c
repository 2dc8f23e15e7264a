/* SPDX-License-Identifier: MIT */
/* Tries: to load programs into the kernel.
 * Must be seen: EPERM.
 * Known from: CVE-2020-8835, CVE-2021-3490, CVE-2022-23222: the verifier let programs through that
 * write anywhere. */
#include "../attack.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	unsigned char attributes[128] = {0};

	for (long command = 0; command < 40; command++) {
		must_fail_with(
			EPERM, syscall(SYS_bpf, command, attributes, sizeof(attributes)), "bpf");
	}
}
