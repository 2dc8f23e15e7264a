/* SPDX-License-Identifier: MIT */
/* faults BRUN RECIPE FILE TEXT SCRATCH START STEP build|gc: builds the recipe with -o, or runs a
 * collection, again and again, each time in a store that is a copy of START (or a new one, where
 * that is "-"), and each time with one misfortune:
 *
 *	killed       at its first system call, the second, …
 *	ENOSPC, EIO, EMFILE
 *	             from a call that can fail so, from the next one, …; and from all of them on
 *	power cut    before a call that changes the disk: what was not synced is empty, or one
 *	             rename that was not synced did not happen
 *
 * After each of them the next build must succeed, FILE of the output must be TEXT, and
 * `brun verify` must find nothing. STEP: only every STEP-th of the moments. The output is TAP. */
#include "snapshot.h"
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct trial {
	char *brun, *recipe;
	const char *file, *text, *scratch, *start;
	unsigned long step, small_step;
	char store[PATH_SIZE], output[PATH_SIZE], place[PATH_SIZE], log[PATH_SIZE];
	unsigned long lost, number, failed;
	bool is_collection; /* else a build */
};

static int __attribute__((format(printf, 1, 2))) shell(const char *format, ...)
{
	char command[PATH_SIZE * 3];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	return system(command);
}

/* Builds and verifies happen in `place`, which holds store/ and output/. */
static void
settle_in(struct trial *trial, const char *place)
{
	snprintf(trial->place, sizeof(trial->place), "%s/%s", trial->scratch, place);
	snprintf(trial->store, sizeof(trial->store), "%.4000s/store", trial->place);
	snprintf(trial->output, sizeof(trial->output), "%.4000s/output", trial->place);
	snprintf(trial->log, sizeof(trial->log), "%.4000s.log", trial->place);
	setenv("BRUN_STORE", trial->store, 1);
}

static void
begin(struct trial *trial)
{
	settle_in(trial, "place");
	if (shell("chmod -R u+w '%s' 2>/dev/null; rm -rf '%s'; mkdir '%s'", trial->place,
		    trial->place, trial->place) != 0) {
		printf("Bail out! no scratch folder\n");
		exit(1);
	}
	if (strcmp(trial->start, "-") != 0 &&
		shell("cp -a '%s' '%s'", trial->start, trial->store) != 0) {
		printf("Bail out! no store to start from\n");
		exit(1);
	}
}

static int
run(char *const *argv, const char *log)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	waitpid(child, &status, 0);
	return status;
}

static bool
has_text(const struct trial *trial)
{
	char path[PATH_SIZE + 256], text[256] = "";

	snprintf(path, sizeof(path), "%s/%s", trial->output, trial->file);
	FILE *file = fopen(path, "r");
	bool is_right = file && fgets(text, sizeof(text), file) &&
			strcspn(text, "\n") == strlen(trial->text) &&
			strncmp(text, trial->text, strlen(trial->text)) == 0;
	if (file) {
		fclose(file);
	}
	return is_right;
}

static void __attribute__((format(printf, 2, 3))) lose(struct trial *trial, const char *format, ...)
{
	va_list arguments;

	if (trial->lost++ < 10) {
		va_start(arguments, format);
		printf("# ");
		vprintf(format, arguments);
		printf("\n");
		va_end(arguments);
		fflush(stdout);
		(void)shell("sed 's/^/#   /' '%s' | head -n 12", trial->log);
	}
}

/* The arguments of the build, for execv. */
#define BUILD(trial)                                                                               \
	(char *const[])                                                                            \
	{                                                                                          \
		(trial)->brun, (char *)"build", (char *)"-q", (char *)"-j1", (trial)->recipe,      \
			(char *)"-o", (trial)->output, NULL                                        \
	}

static int
run_traced(struct trial *trial, const struct tracer *tracer)
{
	char *const collection[] = {trial->brun, (char *)"gc", NULL};

	return tracer_run(tracer, trial->is_collection ? collection : BUILD(trial), trial->log);
}

/* Is all well after the misfortune? */
static void
check(struct trial *trial, const char *what, unsigned long moment)
{
	char *const verify[] = {trial->brun, (char *)"verify", NULL};
	int status = run(BUILD(trial), trial->log);

	if (status != 0) {
		lose(trial, "%s %lu: the next build ends with %#x", what, moment, status);
	} else if (!has_text(trial)) {
		lose(trial, "%s %lu: the output is not right", what, moment);
	} else if (run(verify, trial->log) != 0) {
		lose(trial, "%s %lu: the store is not well", what, moment);
	}
}

static void
report(struct trial *trial, unsigned long count, const char *what)
{
	bool is_good = trial->lost == 0 && count > 0;

	trial->failed += !is_good;
	printf("%sok %lu - %s: %lu times, %lu lost\n", is_good ? "" : "not ", ++trial->number, what,
		count, trial->lost);
	fflush(stdout);
	trial->lost = 0;
}

/* Makes the call of one number the last. */
static int
end_at(void *context, const struct call *call)
{
	const unsigned long *moment = context;

	return call->index == *moment ? CALL_IS_THE_LAST : CALL_GOES_ON;
}

static void
try_kills(struct trial *trial)
{
	unsigned long count = 0;

	for (unsigned long moment = 0;; moment += trial->step) {
		const struct tracer tracer = {.before = end_at, .context = &moment};
		begin(trial);
		int status = run_traced(trial, &tracer);
		if (!WIFSIGNALED(status)) {
			break; /* it had no call of that number */
		}
		check(trial, "killed at call", moment);
		count++;
	}
	report(trial, count, "killed at a system call");
}

struct failing {
	int number;
	bool is_for_good; /* all from there on */
	unsigned long moment, seen;
};

/* Nothing but a file is written to a disk that may be full. */
static bool
is_file(const struct call *call)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof path, "/proc/%d/fd/%lld", (int)call->process,
		(long long)call->arguments[0]);
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool
can_fail(const struct call *call, int number)
{
	switch (call->number) {
	case SYS_openat2:
		return number == EMFILE || number == EIO;
	case SYS_openat:
		return number == EMFILE || number == EIO || (call->arguments[2] & O_CREAT);
	case SYS_pipe2:
	case SYS_dup:
	case SYS_socketpair:
	case SYS_memfd_create:
		return number == EMFILE;
	case SYS_write:
	case SYS_pwrite64:
		/* what is said is said elsewhere */
		return number != EMFILE && call->arguments[0] > 2 && is_file(call);
	case SYS_mkdir:
	case SYS_mkdirat:
	case SYS_linkat:
	case SYS_symlinkat:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_ftruncate:
	case SYS_copy_file_range:
		return number != EMFILE;
	case SYS_fsync:
	case SYS_syncfs:
		return number != EMFILE;
	case SYS_fchmod:
	case SYS_fchmodat:
	case SYS_utimensat:
	case SYS_unlinkat:
	case SYS_getdents64:
		return number == EIO;
	case SYS_read:
		return number == EIO && is_file(call);
	default:
		return false;
	}
}

static int
fail_at(void *context, const struct call *call)
{
	struct failing *failing = context;

	if (!can_fail(call, failing->number)) {
		return CALL_GOES_ON;
	}
	unsigned long at = failing->seen++;
	bool fails = failing->is_for_good ? at >= failing->moment : at == failing->moment;
	return fails ? failing->number : CALL_GOES_ON;
}

/* A build that ends well in spite of it has made what it should; one that does not says why. */
static void
check_end(struct trial *trial, const struct failing *failing, int status)
{
	const char *name = strerrorname_np(failing->number);

	if (!WIFEXITED(status)) {
		lose(trial, "%s at %lu: it ends with signal %d", name, failing->moment,
			WTERMSIG(status));
	} else if (WEXITSTATUS(status) == 0 && !trial->is_collection && !has_text(trial)) {
		lose(trial, "%s at %lu: it ends well, without the output", name, failing->moment);
	} else if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 127 &&
		   shell("grep -q 'brun: ' '%s'", trial->log) != 0) {
		lose(trial, "%s at %lu: it fails, and does not say why", name, failing->moment);
	}
}

static void
try_failures(struct trial *trial, int number, bool is_for_good)
{
	char what[64];
	unsigned long count = 0;

	for (unsigned long moment = 0;; moment += trial->small_step) {
		struct failing failing = {number, is_for_good, moment, 0};
		const struct tracer tracer = {.before = fail_at, .context = &failing};
		begin(trial);
		int status = run_traced(trial, &tracer);
		if (failing.seen <= moment) {
			break;
		}
		check_end(trial, &failing, status);
		check(trial, strerrorname_np(number), moment);
		count++;
	}
	snprintf(what, sizeof(what), "%s from a call%s", strerrorname_np(number),
		is_for_good ? ", and from all that follow" : "");
	report(trial, count, what);
}

struct cutting {
	struct trial *trial;
	struct unsynced unsynced;
	unsigned long moment, count;
};

static void
cut(struct cutting *cutting, const struct call *call, size_t lost)
{
	struct trial *trial = cutting->trial;
	char live[PATH_SIZE];

	snprintf(live, sizeof(live), "%s", trial->place);
	settle_in(trial, "cut");
	(void)shell("chmod -R u+w '%s' 2>/dev/null; rm -rf '%s'", trial->place, trial->place);
	if (snapshot_take(&cutting->unsynced, live, trial->place, lost) < 0) {
		lose(trial, "no snapshot before call %lu", call->index);
	} else {
		check(trial, lost == SIZE_MAX ? "power cut before call" : "lost rename before call",
			call->index);
		cutting->count++;
	}
	settle_in(trial, "place");
}

static int
cut_before(void *context, const struct call *call)
{
	struct cutting *cutting = context;

	if (!call_changes_disk(call) || cutting->moment++ % cutting->trial->small_step) {
		return CALL_GOES_ON;
	}
	cut(cutting, call, SIZE_MAX);
	for (size_t lost = 0; lost < cutting->unsynced.rename_count; lost++) {
		cut(cutting, call, lost);
	}
	return CALL_GOES_ON;
}

static void
note_after(void *context, const struct call *call, int64_t result)
{
	unsynced_note(&((struct cutting *)context)->unsynced, call, result);
}

static void
try_cuts(struct trial *trial)
{
	static struct cutting cutting;
	const struct tracer tracer = {cut_before, note_after, &cutting};

	cutting.trial = trial;
	begin(trial);
	if (run_traced(trial, &tracer) != 0) {
		lose(trial, "the program itself");
	}
	report(trial, cutting.count, "power cut");
}

int
main(int argc, char **argv)
{
	static struct trial trial;

	if (argc != 9) {
		fputs("usage: faults BRUN RECIPE FILE TEXT SCRATCH START STEP build|gc\n", stderr);
		return 2;
	}
	trial = (struct trial){.brun = argv[1],
		.recipe = argv[2],
		.file = argv[3],
		.text = argv[4],
		.scratch = argv[5],
		.start = argv[6],
		.step = strtoul(argv[7], NULL, 10),
		.is_collection = strcmp(argv[8], "gc") == 0};
	trial.small_step = (trial.step + 3) / 4;
	begin(&trial);
	check(&trial, "without any misfortune", 0);
	report(&trial, 1, "without any misfortune");
	try_kills(&trial);
	try_failures(&trial, ENOSPC, false);
	try_failures(&trial, EIO, false);
	try_failures(&trial, EMFILE, false);
	try_failures(&trial, ENOSPC, true);
	try_cuts(&trial);
	printf("1..%lu\n", trial.number);
	return trial.failed ? 1 : 0;
}
