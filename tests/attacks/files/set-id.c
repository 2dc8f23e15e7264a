/* SPDX-License-Identifier: MIT */
/* Tries: to become another user by a set-id copy of itself, made in every writable place.
 * Must be seen: the same ids as before.
 * Known from: execve(2), no_new_privs and nosuid; open(O_CREAT, 04755) passes filters that look at
 * chmod. */
#include "../attack.h"
#include "../inside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the ids of a child are while it runs the copy: /proc shows them. */
static void
check_ids(const char *program)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		/* the script that is not there ends it; a status of its own means it was run */
		close(1);
		execl(program, "sh", "-e", "/none", NULL);
		_exit(50);
	}
	waitpid(pid, &status, 0);
	must_be(status != 50 << 8, "the copy runs");
}

ATTACK()
{
	static const char *const places[] = {
		"/build/set-id", "/dest/set-id", "/tmp/set-id", "/dev/shm/set-id"};
	char line[256];

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		copy_self(places[i], 06755);
		check_ids(places[i]);
		must_be(unlink(places[i]) == 0, "it can be removed");
	}
	FILE *status = fopen("/proc/self/status", "re");
	bool has_mounts = true;
	while (status && fgets(line, sizeof(line), status)) {
		must_be(strncmp(line, "NoNewPrivs:", 11) != 0 || atoi(line + 11) == 1,
			"no_new_privs is set");
	}
	FILE *mounts = fopen("/proc/self/mounts", "re");
	while (mounts && fgets(line, sizeof(line), mounts)) {
		has_mounts = has_mounts && strstr(line, "nosuid");
	}
	must_be(has_mounts, "every mount is nosuid");
}
