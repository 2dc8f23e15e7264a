/* SPDX-License-Identifier: MIT */
/* A program that needs no library, for tests of test steps: says something, or how it sees the
 * world. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
list(const char *path)
{
	DIR *dir = opendir(path);

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_name[0] != '.') {
			printf("<%s>\n", entry->d_name);
		}
	}
}

int
main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "exit") == 0) {
		return atoi(argv[2]);
	}
	if (argc > 2 && strcmp(argv[1], "list") == 0) {
		list(argv[2]);
	} else if (argc > 2 && strcmp(argv[1], "env") == 0) {
		printf("%s=%s\n", argv[2], getenv(argv[2]) ? getenv(argv[2]) : "(unset)");
	} else if (argc > 2 && strcmp(argv[1], "remove") == 0) {
		perror(unlink(argv[2]) == 0 ? "removed" : argv[2]);
	} else if (argc > 1 && strcmp(argv[1], "abort") == 0) {
		abort();
	} else {
		printf("hello from %s\n", argv[0]);
	}
	return 0;
}
