/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include "cgroup.h"
#include "disk.h"
#include "family.h"
#include "sandbox.h"

#include "base/clock.h"
#include "base/err.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_INTERVAL_MS = 500, CHUNK = 65536 };

/* What the loop keeps between two polls. */
struct state {
	const struct watch *watch;
	struct sandbox_result *result;
	struct disk disk;
	struct family_memory memory;
	uint64_t last_output_ms, next_look_ms, passed_on;
	bool is_killed, is_output_closed;
};

static void
end_step(struct state *state, enum sandbox_outcome outcome)
{
	if (!state->is_killed) {
		state->is_killed = true;
		state->result->outcome = outcome;
		/* Pid 1 takes all others with it. Nobody has waited for it: the number is its. */
		kill(state->watch->pid, SIGKILL);
	}
}

static void
pass_on(struct state *state, const char *data, size_t length)
{
	const struct sandbox_spec *spec = state->watch->spec;
	uint64_t room = spec->limits.log_bytes - state->passed_on;
	size_t part = length < room ? length : (size_t)room;

	if (spec->output && part > 0) {
		spec->output(spec->context, data, part);
	}
	state->passed_on += part;
	if (part < length) {
		end_step(state, SANDBOX_LOG);
	}
}

/* Passes on what the pipe holds: one chunk, or (to_end) all of it. */
static void
read_output(struct state *state, bool to_end)
{
	char chunk[CHUNK];

	do {
		ssize_t got = read(state->watch->output, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			state->is_output_closed = got == 0;
			return;
		}
		state->last_output_ms = clock_now_ms();
		pass_on(state, chunk, (size_t)got);
	} while (to_end);
}

static uint64_t
deadline(uint64_t from_ms, uint64_t seconds)
{
	uint64_t at;

	return __builtin_mul_overflow(seconds, 1000, &at) ||
			       __builtin_add_overflow(at, from_ms, &at)
		       ? UINT64_MAX
		       : at;
}

static void
note_memory(struct state *state, uint64_t memory)
{
	struct sandbox_result *result = state->result;

	result->peak_memory = result->peak_memory < memory ? memory : result->peak_memory;
}

/* Its first process is ours and counts, too (RLIMIT_NPROC, pid_max, pids.max). */
static void
check_tasks(struct state *state, uint64_t tasks)
{
	if (tasks >= state->watch->spec->limits.processes) {
		end_step(state, SANDBOX_PROCESSES);
	}
}

/* What the kernel counts and bounds: processes only where it was given their controller, too. */
static void
check_counted(struct state *state, const struct family *family)
{
	struct cgroup_usage usage;

	cgroup_look(state->watch->cgroup, &usage);
	note_memory(state, usage.memory);
	if (usage.was_out_of_memory) {
		end_step(state, SANDBOX_MEMORY);
	}
	if (usage.was_out_of_processes) {
		end_step(state, SANDBOX_PROCESSES);
	}
	check_tasks(state, usage.tasks ? usage.tasks : family->tasks);
}

/* What can be seen of it from outside. */
static void
check_seen(struct state *state, const struct family *family)
{
	note_memory(state, family->memory);
	if (state->memory.limit && family_exceeds(family, &state->memory)) {
		end_step(state, SANDBOX_MEMORY);
	}
	check_tasks(state, family->tasks);
}

static void
check_usage(struct state *state)
{
	struct family family;

	family_look(state->watch->pid, &family);
	if (state->watch->cgroup) {
		check_counted(state, &family);
	} else {
		check_seen(state, &family);
	}
	if (disk_is_over(&state->disk, &family)) {
		end_step(state, SANDBOX_DISK);
	}
	family_done(&family);
}

/* Ends the step where a time is over; else the milliseconds until the next thing to look at. */
static int
check_times(struct state *state)
{
	const struct sandbox_limits *limits = &state->watch->spec->limits;
	uint64_t now = clock_now_ms();
	uint64_t wall = deadline(state->watch->started_ms, limits->wall_seconds);
	uint64_t silence = deadline(state->last_output_ms, limits->silence_seconds);
	uint64_t next = wall < silence ? wall : silence;

	if (state->is_killed) {
		return -1;
	}
	if (now >= wall) {
		end_step(state, SANDBOX_WALL);
	} else if (now >= silence) {
		end_step(state, SANDBOX_SILENCE);
	}
	if (now >= state->next_look_ms) {
		check_usage(state);
		state->next_look_ms = now + LOOK_INTERVAL_MS;
	}
	next = next < state->next_look_ms ? next : state->next_look_ms;
	uint64_t wait = next > now ? next - now : 0;
	return state->is_killed ? -1 : (int)wait; /* never more than LOOK_INTERVAL_MS */
}

/* It has closed its descriptors; with its end comes that of all others. It stays to be waited
 * for. */
static void
await_end(pid_t pid)
{
	siginfo_t info;

	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | __WALL) < 0 && errno == EINTR) {
	}
}

int
watch_step(const struct watch *watch, struct sandbox_result *result, struct err *err)
{
	struct state state = {
		.watch = watch,
		.result = result,
		.last_output_ms = watch->started_ms,
		.next_look_ms = watch->started_ms + LOOK_INTERVAL_MS,
	};

	disk_begin(&state.disk, watch->spec);
	family_memory_begin(&state.memory, watch->cgroup ? 0 : watch->spec->limits.memory_bytes);
	for (;;) {
		struct pollfd polled[] = {
			{.fd = watch->life, .events = POLLIN},
			{.fd = state.is_output_closed ? -1 : watch->output, .events = POLLIN},
			{.fd = state.is_killed ? -1 : watch->spec->cancel_fd, .events = POLLIN},
		};
		if (poll(polled, 3, check_times(&state)) < 0 && errno != EINTR) {
			int number = errno;
			end_step(&state, SANDBOX_CANCELLED);
			return err_set(err, number, "poll");
		}
		if (polled[2].revents) {
			end_step(&state, SANDBOX_CANCELLED);
		}
		if (polled[0].revents) {
			break;
		}
		if (polled[1].revents) {
			read_output(&state, false);
		}
	}
	await_end(watch->pid);
	read_output(&state, true);
	return 0;
}
