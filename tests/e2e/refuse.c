/* SPDX-License-Identifier: MIT */
/* refuse ERRNO CALL[,CALL…] COMMAND…: runs a command on a kernel that answers this to these system
 * calls, as an older one (ENOSYS), a container or a security module (EPERM, EACCES) would.
 * CALL&MASK: only where all bits of MASK are in its first argument. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
number_of(const char *name)
{
	for (int number = 1; number < 200; number++) {
		const char *known = strerrorname_np(number);
		if (known && strcmp(known, name) == 0) {
			return number;
		}
	}
	return -1;
}

static int
add(scmp_filter_ctx filter, int answer, char *call)
{
	char *mask = strchr(call, '&');

	if (mask) {
		*mask++ = '\0';
	}
	int number = seccomp_syscall_resolve_name(call);
	if (number == __NR_SCMP_ERROR) {
		fprintf(stderr, "refuse: no system call '%s'\n", call);
		return -1;
	}
	scmp_datum_t bits = mask ? strtoull(mask, NULL, 0) : 0;
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned)answer), number, mask ? 1 : 0,
		SCMP_A0(SCMP_CMP_MASKED_EQ, bits, bits));
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int answer = argc > 3 ? number_of(argv[1]) : -1;

	if (answer < 0 || !filter) {
		fputs("usage: refuse ERRNO CALL[,CALL…] COMMAND…\n", stderr);
		return 125;
	}
	for (char *call = strtok(argv[2], ","); call; call = strtok(NULL, ",")) {
		if (add(filter, answer, call) < 0) {
			return 125;
		}
	}
	if (seccomp_load(filter) < 0) {
		fputs("refuse: the filter can't be loaded\n", stderr);
		return 125;
	}
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 126;
}
