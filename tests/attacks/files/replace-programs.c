/* SPDX-License-Identifier: MIT */
/* Tries: to open the runner's program, its own, and an input's for writing, by way of /proc.
 * Must be seen: an error each time; pid 1's program can't be opened at all.
 * Known from: CVE-2019-5736 (runc overwritten through /proc/self/exe). */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

ATTACK()
{
	char path[64];

	must_fail(open("/proc/1/exe", O_RDONLY), "open pid 1's program");
	must_fail(open("/proc/1/exe", O_WRONLY), "open pid 1's program for writing");
	must_fail(open("/proc/self/exe", O_WRONLY), "open its own program for writing");
	must_fail(open("/brun/program", O_WRONLY), "open an input's program for writing");
	/* runc's came to be the program of a process of the container's, for a moment */
	pid_t pid = fork();
	if (pid == 0) {
		execl("/proc/1/exe", "sh", "-e", "/none", NULL);
		_exit(50);
	}
	int status = 0;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	must_fail(open(path, O_WRONLY), "open it through a child");
	waitpid(pid, &status, 0);
	must_be(status == 50 << 8, "pid 1's program can't be executed");
}
