/* SPDX-License-Identifier: MIT */
/* bench-sandbox [ROUNDS]: what a sandbox costs. Each round does everything once, one after the
 * other, so that the machine's moods meet all alike; medians are compared.
 *
 *	ratio    /bin/true as a step, against fork and exec of it (goal: at most 4.5), and
 *	         bubblewrap
 *	input    the slope from 1 to 1000 read-only inputs (goal: at most 20 microseconds each) */
#include "sandbox/sandbox.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FIXED = 10, INPUTS = 1000, KINDS = 6, MOST_ROUNDS = 1000 };

static struct sandbox_mount mounts[FIXED + INPUTS];
static size_t fixed_count;
static double times[KINDS][MOST_ROUNDS];

static double
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int
compare(const void *a, const void *b)
{
	const double *first = a, *second = b;

	return (*first > *second) - (*first < *second);
}

static double
median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return values[count / 2];
}

static void
add_mount(enum sandbox_mount_kind kind, const char *source, const char *target)
{
	mounts[fixed_count++] =
		(struct sandbox_mount){.kind = kind, .source = source, .target = target};
}

static void
add_fixed_mounts(void)
{
	static const char *const names[] = {"/usr", "/bin", "/lib", "/lib64"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		static char links[4][256];
		if (readlink(names[i], links[i], sizeof(links[i]) - 1) > 0) {
			add_mount(SANDBOX_LINK, links[i], names[i]);
		} else if (access(names[i], F_OK) == 0) {
			add_mount(SANDBOX_BIND, names[i], names[i]);
		}
	}
	add_mount(SANDBOX_PROC, NULL, "/proc");
	add_mount(SANDBOX_DEV, NULL, "/dev");
	for (int i = 0; i < INPUTS; i++) {
		mounts[fixed_count + (size_t)i] = (struct sandbox_mount){
			.kind = SANDBOX_BIND,
			.source = "/usr/bin",
			.target = mem_printf("/inputs/%d", i),
		};
	}
}

static void
run_step(size_t inputs)
{
	static const char *const argv[] = {"/bin/true", NULL}, *const env[] = {NULL};
	struct sandbox_spec spec = {
		.mounts = mounts,
		.mount_count = fixed_count + inputs,
		.argv = argv,
		.env = env,
		.cwd = "/",
		.cancel_fd = -1,
	};
	struct sandbox_result result;
	struct err err = {0};

	if (sandbox_run(&spec, &result, &err) < 0 || result.exit_status != 0) {
		fprintf(stderr, "bench-sandbox: %s\n", err.text);
		exit(1);
	}
}

static bool
run_program(char *const *argv)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool
run_kind(int kind)
{
	static const size_t inputs[] = {0, 1, 100, INPUTS};
	static char *const plain[] = {(char *)"/bin/true", NULL};
	static char *const bwrap[] = {(char *)"bwrap", (char *)"--unshare-all", (char *)"--ro-bind",
		(char *)"/", (char *)"/", (char *)"--proc", (char *)"/proc", (char *)"--dev",
		(char *)"/dev", (char *)"/bin/true", NULL};

	if (kind < 2) {
		return run_program(kind == 0 ? plain : bwrap);
	}
	run_step(inputs[kind - 2]);
	return true;
}

int
main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 60;
	bool has_bwrap = true;

	rounds = rounds < 1 ? 1 : rounds > MOST_ROUNDS ? MOST_ROUNDS : rounds;
	add_fixed_mounts();
	run_step(0);
	for (int round = 0; round < rounds; round++) {
		for (int kind = 0; kind < KINDS; kind++) {
			double start = microseconds();
			bool is_good = run_kind(kind);
			times[kind][round] = microseconds() - start;
			has_bwrap = has_bwrap && (kind != 1 || is_good);
		}
	}
	double plain = median(times[0], rounds), bwrap = median(times[1], rounds);
	double step = median(times[2], rounds), one = median(times[3], rounds);
	double hundred = median(times[4], rounds), all = median(times[5], rounds);
	printf("true        %6.0f us\n", plain);
	printf("step        %6.0f us  %.2f times true (goal: 4.5)\n", step, step / plain);
	if (has_bwrap) {
		printf("bubblewrap  %6.0f us  %.2f times true\n", bwrap, bwrap / plain);
	}
	printf("inputs      %6.0f us for 1, %.0f for 100, %.0f for 1000: %.1f us each (goal: 20)\n",
		one, hundred, all, (all - one) / (INPUTS - 1));
	return 0;
}
