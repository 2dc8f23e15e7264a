/* SPDX-License-Identifier: MIT */
/* The parent's side: a child per evaluation, a pipe, deadlines. The child answers with records:
 * one byte that says what it is, eight bytes of length (host order), then the bytes:
 *
 *	R	a path that was read or looked for
 *	P	the plan: success
 *	E	a failure: one byte of status, then the text */
#include "eval.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/spawn.h"
#include "inside.h"
#include "locate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORD_HEAD = 9 };

/* What a plan may be larger than its output limit by: lists of paths, names of fields. */
static const uint64_t slack_bytes = 16 << 20;

static struct eval_limits
with_defaults(struct eval_limits limits)
{
	return (struct eval_limits){
		.cpu_seconds = limits.cpu_seconds ? limits.cpu_seconds : 10,
		.wall_seconds = limits.wall_seconds ? limits.wall_seconds : 20,
		.memory_bytes = limits.memory_bytes ? limits.memory_bytes : 512 << 20,
		.output_bytes = limits.output_bytes ? limits.output_bytes : 64 << 20,
	};
}

int
eval_locate(const char *recipe, char **ret_file, char **ret_root, struct err *err)
{
	struct place place = {0};

	if (locate_main(recipe, &place, err) < 0) {
		return -1;
	}
	*ret_file = steal(place.file);
	*ret_root = steal(place.root);
	place_done(&place);
	return 0;
}

char *
eval_nearest(const char *recipe)
{
	return locate_nearest(recipe);
}

static void
add_record(struct buf *answer, char tag, const void *data, size_t length)
{
	uint64_t size = length;

	buf_putc(answer, tag);
	buf_add(answer, &size, sizeof(size));
	buf_add(answer, data, length);
}

/* Reads the main recipe and evaluates it. */
static int
evaluate(struct inside *inside, const struct place *place, struct buf *ret_plan, struct err *err)
{
	struct source *source = mem_zalloc(1, sizeof(*source));

	source->display = mem_strdup(place->display);
	source->dir = mem_strdup(place->dir);
	source->root = mem_strdup(place->root);
	source->where = mem_strdup(place->file + strlen(place->root) + (place->root[1] != '\0'));
	source_add(&inside->sources, source);
	inside->main = source;
	int found = locate_read(inside, place->file, &source->text, &source->length, err);
	if (found <= 0) {
		err->status = STATUS_RECIPE;
		return -1;
	}
	return inside_evaluate(inside, ret_plan, err);
}

/* In the child: the answer to what was asked. */
static void
answer_question(
	const struct eval *eval, const struct place *place, const char *library, struct buf *answer)
{
	cleanup_buf struct buf plan = {0};
	struct err err = {0};
	struct inside inside = {
		.limits = with_defaults(eval->limits),
		.display_dir = place->display_dir,
		.root = place->root,
		.library = library,
	};
	bool is_good = (!eval->confine || eval->confine(&err) == 0) &&
		       evaluate(&inside, place, &plan, &err) == 0;

	for (size_t at = 0; at < inside.reads.length; at += strlen(inside.reads.data + at) + 1) {
		add_record(answer, 'R', inside.reads.data + at, strlen(inside.reads.data + at));
	}
	if (is_good) {
		add_record(answer, 'P', buf_text(&plan), plan.length);
	} else {
		cleanup_free char *text = mem_printf("%c%s", (char)err.status, err.text);
		add_record(answer, 'E', text, strlen(text));
	}
	inside_done(&inside);
}

/* Pattern matching in C can run for ever without the hook being called: the kernel ends it. */
static void
limit_child(const struct eval_limits *limits)
{
	/* What the parent does with these is not the child's to do. */
	static const int signals[] = {SIGXCPU, SIGPIPE, SIGINT, SIGTERM, SIGHUP};
	struct rlimit old;
	rlim_t seconds = (rlim_t)limits->cpu_seconds + 1;

	if (getrlimit(RLIMIT_CPU, &old) == 0) {
		seconds = old.rlim_max < seconds ? old.rlim_max : seconds;
	}
	setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds});
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		signal(signals[i], SIG_DFL);
	}
}

static void __attribute__((noreturn)) child_main(const struct eval *eval, const struct place *place,
	const char *library, int pipe_fd, pid_t parent)
{
	struct eval_limits limits = with_defaults(eval->limits);
	struct buf answer = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) {
		_exit(1);
	}
	limit_child(&limits);
	answer_question(eval, place, library, &answer);
	_exit(fs_write_all(pipe_fd, answer.data, answer.length, NULL) == 0 ? 0 : 1);
}

/* Reads until the child closes the pipe. */
static int
collect(int pipe_fd, const struct eval_limits *limits, struct buf *answer, struct err *err)
{
	int64_t deadline = (int64_t)clock_now_ms() + (int64_t)limits->wall_seconds * 1000;

	for (;;) {
		int64_t left = deadline - (int64_t)clock_now_ms();
		int ready = poll(&(struct pollfd){pipe_fd, POLLIN, 0}, 1,
			left > INT32_MAX ? INT32_MAX : (int)(left > 0 ? left : 0));
		if (ready < 0 && errno != EINTR) {
			return err_set(err, errno, "poll");
		}
		if (ready == 0) {
			err_fail(err, STATUS_LIMIT, "the recipe's evaluation took more than %ju s",
				(uintmax_t)limits->wall_seconds);
			return err_hint(err, "%s", INSIDE_LIMIT_ADVICE);
		}
		ssize_t got = ready < 0 ? -1 : read(pipe_fd, buf_reserve(answer, 65536), 65536);
		if (got == 0) {
			return 0;
		}
		if (got < 0 && errno != EINTR) {
			return err_set(err, errno, "reading the evaluation's answer");
		}
		answer->length += got > 0 ? (size_t)got : 0;
		if (answer->length > limits->output_bytes + slack_bytes) {
			err_fail(err, STATUS_LIMIT, "the plan is larger than %ju bytes",
				(uintmax_t)limits->output_bytes);
			return err_hint(err, "%s", INSIDE_LIMIT_ADVICE);
		}
	}
}

/* Why there is no answer. */
static int
explain_death(int status, const struct eval_limits *limits, struct err *err)
{
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (number == SIGINT || number == SIGTERM || number == SIGHUP) {
		return err_fail(err, STATUS_INTERRUPTED, "interrupted");
	}
	/* The hard limit equals the soft one where the caller's own is lower: then it is
	 * SIGKILL. */
	if (number == SIGXCPU || number == SIGKILL) {
		err_fail(err, STATUS_LIMIT,
			"the recipe's evaluation took more than %ju s of processor time",
			(uintmax_t)limits->cpu_seconds);
		return err_hint(err, "%s", INSIDE_LIMIT_ADVICE);
	}
	return err_set(err, 0, "the evaluation ended without an answer (%s %d)",
		number ? "signal" : "status", number ? number : WEXITSTATUS(status));
}

static int
read_failure(const char *data, size_t length, struct err *err)
{
	if (length == 0) {
		return err_set(err, 0, "the evaluation's answer is damaged");
	}
	return err_fail(
		err, (enum status)(unsigned char)*data, "%.*s", (int)(length - 1), data + 1);
}

/* Takes the child's records apart; it may have been subverted, so nothing in them is trusted. */
static int
read_answer(const struct buf *answer, struct buf *ret_plan, struct buf *ret_reads, struct err *err)
{
	size_t at = 0;

	while (answer->length - at >= RECORD_HEAD) {
		uint64_t length = 0;
		char tag = answer->data[at];
		memcpy(&length, answer->data + at + 1, sizeof(length));
		at += RECORD_HEAD;
		if (length > answer->length - at) {
			break;
		}
		const char *data = answer->data + at;
		at += length;
		if (tag == 'P') {
			buf_add(ret_plan, data, length);
			return 0;
		}
		if (tag == 'E') {
			return read_failure(data, length, err);
		}
		if (ret_reads && tag == 'R') {
			buf_add(ret_reads, data, strnlen(data, length));
			buf_putc(ret_reads, '\0');
		}
	}
	return err_set(err, 0, "the evaluation's answer is damaged");
}

static int
ask_child(const struct eval *eval, const struct place *place, const char *library,
	struct buf *answer, struct err *err)
{
	struct eval_limits limits = with_defaults(eval->limits);
	int ends[2], status = 0;
	pid_t parent = getpid();

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return err_set(err, errno, "pipe");
	}
	cleanup_fd int read_end = ends[0];
	cleanup_fd int write_end = ends[1];
	pid_t child = fork();
	if (child < 0) {
		return spawn_failed("fork", errno, err);
	}
	if (child == 0) {
		child_main(eval, place, library, write_end, parent);
	}
	close(steal_fd(write_end));
	int result = collect(read_end, &limits, answer, err);
	if (result < 0) {
		kill(child, SIGKILL);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	if (result < 0) {
		return err_wrap(err, "%s", place->display);
	}
	if (answer->length == 0) {
		explain_death(status, &limits, err);
		return err_wrap(err, "%s", place->display);
	}
	return 0;
}

int
eval_recipe(const struct eval *eval, struct buf *ret_plan, struct buf *ret_reads, struct err *err)
{
	struct place place = {0};
	cleanup_buf struct buf answer = {0};
	cleanup_free char *library = eval->library ? realpath(eval->library, NULL) : NULL;

	if (locate_main(eval->recipe, &place, err) < 0) {
		return -1;
	}
	int result = ask_child(eval, &place, library, &answer, err);
	if (result == 0) {
		result = read_answer(&answer, ret_plan, ret_reads, err);
	}
	place_done(&place);
	return result;
}
