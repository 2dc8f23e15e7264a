/* SPDX-License-Identifier: MIT */
/* launch N NATIVE WRAPPED [ARG…]: starts both N times, by turns, from spawn to exit; prints the
 * medians in microseconds and their ratio, then those of the fastest tenth. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double
run(char **argv)
{
	posix_spawn_file_actions_t actions;
	pid_t child;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	double start = now();
	if (posix_spawn(&child, argv[0], &actions, NULL, argv, environ) != 0 ||
		waitpid(child, &status, 0) != child || status != 0) {
		fprintf(stderr, "launch: %s failed\n", argv[0]);
		exit(1);
	}
	double end = now();
	posix_spawn_file_actions_destroy(&actions);
	return end - start;
}

static int
compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

int
main(int argc, char **argv)
{
	int count = argc > 3 ? atoi(argv[1]) : 0;
	double *times[2];

	if (count < 1) {
		return 2;
	}
	for (int side = 0; side < 2; side++) {
		times[side] = calloc((size_t)count, sizeof(double));
	}
	char *program[2] = {argv[2], argv[3]};
	for (int i = 0; i < count; i++) {
		for (int side = 0; side < 2; side++) {
			argv[3] = program[side];
			times[side][i] = run(argv + 3);
		}
	}
	for (int side = 0; side < 2; side++) {
		qsort(times[side], (size_t)count, sizeof(double), compare);
	}
	int middle = count / 2, fast = count / 10;
	printf("%7.0f %7.0f %6.3f   %7.0f %7.0f %6.3f\n", times[0][middle], times[1][middle],
		times[1][middle] / times[0][middle], times[0][fast], times[1][fast],
		times[1][fast] / times[0][fast]);
	return 0;
}
