/* SPDX-License-Identifier: MIT */
/* launch [-r ROOT] ROUNDS PROGRAM… -- [ARG…]: starts the programs with the same arguments, by
 * turns, on one processor, from spawn to exit, under ROOT if there is one. A line for each: the
 * median, the fastest tenth, and the median of its processor time (which others on the machine
 * disturb least) in microseconds; the median of its page faults. What a program prints is
 * dropped. */
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { WARM_UP = 3 };

struct program {
	char *path;
	double *times, *used, *faults;
};

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double
microseconds(struct timeval time)
{
	return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

static void
run(const struct program *program, char **argv, int round)
{
	posix_spawn_file_actions_t actions;
	struct rusage used;
	pid_t child;
	int status;

	argv[0] = program->path;
	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd < 3; fd++) {
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	}
	double start = now();
	if (posix_spawn(&child, argv[0], &actions, NULL, argv, environ) != 0 ||
		wait4(child, &status, 0, &used) != child || status != 0) {
		fprintf(stderr, "launch: %s failed\n", argv[0]);
		exit(1);
	}
	double end = now();
	posix_spawn_file_actions_destroy(&actions);
	if (round >= 0) {
		program->times[round] = end - start;
		program->used[round] = microseconds(used.ru_utime) + microseconds(used.ru_stime);
		program->faults[round] = (double)(used.ru_minflt + used.ru_majflt);
	}
}

static int
compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

/* Which processor a program comes to, and how awake that one is, takes part by chance. */
static void
stay_here(void)
{
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET((size_t)sched_getcpu(), &here);
	(void)sched_setaffinity(0, sizeof(here), &here);
}

/* Whoever starts first in one round is last in the next, so that no place in the row is better. */
static void
run_all(const struct program *programs, int count, int rounds, char **argv)
{
	for (int round = -WARM_UP; round < rounds; round++) {
		for (int i = 0; i < count; i++) {
			run(&programs[(round + WARM_UP + i) % count], argv, round);
		}
	}
}

static void
report(const struct program *program, int rounds)
{
	qsort(program->times, (size_t)rounds, sizeof(double), compare);
	qsort(program->used, (size_t)rounds, sizeof(double), compare);
	qsort(program->faults, (size_t)rounds, sizeof(double), compare);
	printf("%.1f %.1f %.0f %.0f\n", program->times[rounds / 2], program->times[rounds / 10],
		program->used[rounds / 2], program->faults[rounds / 2]);
}

int
main(int argc, char **argv)
{
	enum { MOST = 8 };
	struct program programs[MOST];
	int at = 1, count = 0;

	if (argc > 3 && strcmp(argv[1], "-r") == 0) {
		if (chroot(argv[2]) < 0 || chdir("/") < 0) {
			perror("launch: chroot");
			return 1;
		}
		at = 3;
	}
	int rounds = at < argc ? atoi(argv[at]) : 0;
	if (rounds < 1) {
		return 2;
	}
	while (++at < argc && strcmp(argv[at], "--") != 0 && count < MOST) {
		programs[count++] = (struct program){.path = argv[at],
			.times = calloc((size_t)rounds, sizeof(double)),
			.used = calloc((size_t)rounds, sizeof(double)),
			.faults = calloc((size_t)rounds, sizeof(double))};
	}
	if (at == argc) {
		return 2;
	}
	stay_here();
	run_all(programs, count, rounds, argv + at);
	for (int i = 0; i < count; i++) {
		report(&programs[i], rounds);
	}
	return 0;
}
