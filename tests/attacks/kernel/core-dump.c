/* SPDX-License-Identifier: MIT */
/* Tries: to crash, so that the host's core_pattern is run or a core file appears; to raise the
 * limit first.
 * Must be seen: no core file anywhere.
 * Known from: core(5); CVE-2022-0811 ends in a crash. */
#include "../attack.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

ATTACK()
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
	int status = 0;

	must_fail(setrlimit(RLIMIT_CORE, &limit), "allow core dumps");
	pid_t pid = fork();
	if (pid == 0) {
		(void)!chdir("/build");
		abort();
	}
	waitpid(pid, &status, 0);
	must_be(WIFSIGNALED(status) && !WCOREDUMP(status), "it died without a core");
	DIR *list = opendir("/build");
	for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
		must_be(strncmp(entry->d_name, "core", 4) != 0, "there is no core file");
	}
}
