/* SPDX-License-Identifier: MIT */
/* Tries: to crash, so that the host's core_pattern is run or a core file appears; to raise the
 * limit first, or to lower it.
 * Must be seen: no core file anywhere, and no handler that is fed by a hostile process.
 * Known from: core(5); CVE-2022-0811 ends in a crash; a core_pattern that is a pipe heeds no limit
 * but 1 (fs/coredump.c): CVE-2022-4415, CVE-2025-4598 are of such handlers. */
#include "../attack.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void
crash(const char *how)
{
	struct rlimit limit;
	int status = 0;

	must_be(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max <= 1, "there is a limit");
	must_be(limit.rlim_cur == 1 || !attack_is_ours(), "which is the one that handlers heed");
	pid_t pid = fork();
	if (pid == 0) {
		(void)!chdir("/build");
		abort();
	}
	waitpid(pid, &status, 0);
	must_be(WIFSIGNALED(status) && !WCOREDUMP(status), how);
}

ATTACK()
{
	const long core = RLIMIT_CORE, core_and_more = core | 1L << 32;
	struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY}, none = {0, 0}, none_yet = {0, 1};

	crash("as it is");
	setrlimit(RLIMIT_CORE, &all);
	crash("with the limit raised");
	setrlimit(RLIMIT_CORE, &none_yet);
	crash("with the limit lowered");
	prlimit(0, RLIMIT_CORE, &none_yet, NULL);
	crash("by prlimit");
	syscall(SYS_prlimit64, getpid(), core_and_more, &none_yet, NULL);
	syscall(SYS_setrlimit, core_and_more, &none_yet);
	crash("by a number that is the same to the kernel");
	setrlimit(RLIMIT_CORE, &none);
	crash("for good");
	DIR *list = opendir("/build");
	for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
		must_be(strncmp(entry->d_name, "core", 4) != 0, "there is no core file");
	}
}
