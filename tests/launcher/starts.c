/* SPDX-License-Identifier: MIT */
/* starts COUNT PROGRAM: starts it so often, in each of these ways: with random addresses and
 * without, where memory may not be writable and executable, with a megabyte of environment, and all
 * at once. Each must end with status 7. Prints how many did. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif

enum { VARIABLES = 16, VARIABLE_SIZE = 65536, WANTED = 7 };

struct way {
	const char *name;
	bool is_fixed, is_strict, is_large;
};

static char *variables[VARIABLES + 1];

static void
make_variables(void)
{
	for (int i = 0; i < VARIABLES; i++) {
		variables[i] = malloc(VARIABLE_SIZE);
		memset(variables[i], 'x', VARIABLE_SIZE);
		variables[i][VARIABLE_SIZE - 1] = '\0';
		variables[i][snprintf(variables[i], 8, "V%d", i)] = '=';
	}
}

/* Both settings last over execve; a process of its own makes them, and starts the others. */
static int
start_all(const struct way *way, long count, char *program)
{
	char *argv[] = {program, NULL}, *none[] = {NULL};
	long good = 0;
	int status;

	if ((way->is_fixed && personality(ADDR_NO_RANDOMIZE) < 0) ||
		(way->is_strict && prctl(PR_SET_MDWE, 1, 0, 0, 0) < 0)) {
		printf("# %s: this kernel does not know it\n", way->name);
		return 0;
	}
	for (long i = 0; i < count; i++) {
		pid_t child = vfork();
		if (child == 0) {
			execve(program, argv, way->is_large ? variables : none);
			_exit(1);
		}
		good += child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
			WEXITSTATUS(status) == WANTED;
	}
	printf("# %s: %ld of %ld starts\n", way->name, good, count);
	return good != count;
}

int
main(int argc, char **argv)
{
	static const struct way ways[] = {
		{"random addresses", false, false, false},
		{"fixed addresses", true, false, false},
		{"no memory writable and executable", false, true, false},
		{"a megabyte of environment", false, false, true},
		{"all at once", true, true, true},
	};
	int failed = 0, status;

	if (argc != 3) {
		return 2;
	}
	make_variables();
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		fflush(stdout);
		pid_t child = fork();
		if (child == 0) {
			status = start_all(&ways[i], atol(argv[1]), argv[2]);
			fflush(stdout);
			_exit(status);
		}
		failed |= child < 0 || waitpid(child, &status, 0) != child || status != 0;
	}
	return failed;
}
