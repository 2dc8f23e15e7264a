/* SPDX-License-Identifier: MIT */
#include "sandbox.h"

#include "birth.h"
#include "cgroup.h"
#include "child.h"
#include "filter.h"
#include "idmap.h"
#include "reap.h"
#include "run.h"
#include "stage.h"
#include "target.h"
#include "watch.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct sandbox_limits defaults = {
	.wall_seconds = 4 * 3600,
	.silence_seconds = 3600,
	.log_bytes = 256 << 20,
	.disk_bytes = 64ULL << 30,
	.processes = 16384,
};

static uint64_t
or_default(uint64_t value, uint64_t fallback)
{
	return value ? value : fallback;
}

static void
fill_limits(struct sandbox_limits *limits)
{
	limits->wall_seconds = or_default(limits->wall_seconds, defaults.wall_seconds);
	limits->silence_seconds = or_default(limits->silence_seconds, defaults.silence_seconds);
	limits->log_bytes = or_default(limits->log_bytes, defaults.log_bytes);
	limits->disk_bytes = or_default(limits->disk_bytes, defaults.disk_bytes);
	limits->processes = or_default(limits->processes, defaults.processes);
}

static int
check_spec(const struct sandbox_spec *spec, struct err *err)
{
	for (size_t i = 0; i < spec->mount_count; i++) {
		const char *target = spec->mounts[i].target;
		if (!target_is_valid(target)) {
			return err_fail(err, STATUS_STEP,
				"'%s' can't be a place in a step's root: it must be absolute, below "
				"'/', and without '.', '..' and empty components",
				target ? target : "(null)");
		}
	}
	if (!spec->cwd || spec->cwd[0] != '/') {
		return err_fail(err, STATUS_STEP, "working directory '%s' is not absolute",
			spec->cwd ? spec->cwd : "(null)");
	}
	return 0;
}

/* The parent's ends and the child's ends of what lies between them, and the child itself. */
struct link {
	int go_read, go_write;	       /* "the id maps are written" */
	int report_read, report_write; /* records */
	int output_read, output_write; /* the step's output */
	int life_read, life_write;     /* ends with the child: nobody else has the second */
	int terminal;		       /* the step's, a duplicate; or -1 */
	struct cgroup cgroup;	       /* the step's; maybe none */
	pid_t pid;
	bool is_mapped; /* the id maps are written already */
};

/* A pipe whose descriptors are not 0, 1 or 2, which the child gives another meaning. */
static int
make_pipe(int *ret_read, int *ret_write)
{
	int ends[2], high[2];

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return -1;
	}
	for (int i = 0; i < 2; i++) {
		high[i] = ends[i] > 2 ? ends[i] : fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
		if (high[i] != ends[i]) {
			close(ends[i]);
		}
	}
	*ret_read = high[0];
	*ret_write = high[1];
	return high[0] < 0 || high[1] < 0 ? -1 : 0;
}

static void
link_done(struct link *link)
{
	int *all[] = {&link->go_read, &link->go_write, &link->report_read, &link->report_write,
		&link->output_read, &link->output_write, &link->life_read, &link->life_write,
		&link->terminal};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		fs_close_slot(all[i]);
		*all[i] = -1;
	}
	cgroup_remove(&link->cgroup);
}

/* But go_read: a child that was killed meanwhile must not turn the go into a SIGPIPE. */
static void
close_childs_ends(struct link *link)
{
	int *all[] = {&link->report_write, &link->output_write, &link->life_write, &link->terminal};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		fs_close_slot(all[i]);
		*all[i] = -1;
	}
}

static int
link_init(struct link *link, const struct sandbox_spec *spec, struct err *err)
{
	*link = (struct link){-1, -1, -1, -1, -1, -1, -1, -1, -1, {.fd = -1}, -1, false};
	if (spec->terminal_fd) {
		link->terminal = fcntl(*spec->terminal_fd, F_DUPFD_CLOEXEC, 3);
		if (link->terminal < 0) {
			return err_set(err, errno, "the step's terminal");
		}
	}
	if (make_pipe(&link->go_read, &link->go_write) < 0 ||
		make_pipe(&link->report_read, &link->report_write) < 0 ||
		make_pipe(&link->output_read, &link->output_write) < 0 ||
		make_pipe(&link->life_read, &link->life_write) < 0 ||
		fcntl(link->output_read, F_SETFL, O_NONBLOCK) < 0) {
		return err_set(err, errno, "pipe");
	}
	return 0;
}

static pid_t
make_child(const struct child *child, struct link *link)
{
	/* The cgroup namespace is made once the child is in its group, which it then has as its
	 * top. */
	const struct birth birth = {
		.namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
			      CLONE_NEWUTS | (child->has_cgroup ? 0 : CLONE_NEWCGROUP) |
			      (child->spec->network ? 0 : CLONE_NEWNET),
		.cgroup = child->has_cgroup ? &link->cgroup : NULL,
		.body = child_run,
		.context = child,
	};

	return birth_give(&birth, &link->is_mapped);
}

/* Kills and reaps; for a child that is of no use any more. */
static void
abandon(struct link *link)
{
	if (link->pid > 0) {
		reap_killed(link->pid);
		link->pid = -1;
	}
}

static bool
read_record(const struct link *link, struct record *record)
{
	ssize_t got;

	do {
		got = read(link->report_read, record, sizeof(*record));
	} while (got < 0 && errno == EINTR);
	return got == sizeof(*record);
}

/* Writes the maps, hears of the child, lets it go on. The record tells which stage failed. */
static int
release(const struct link *link, struct record *record)
{
	if (!link->is_mapped && idmap_write(link->pid) < 0) {
		*record = (struct record){RECORD_FAILED, STAGE_MAP, errno, STAGE_NO_MOUNT, 0};
		return -1;
	}
	if (!read_record(link, record)) {
		*record = (struct record){RECORD_FAILED, STAGE_CLONE, ECHILD, STAGE_NO_MOUNT, 0};
		return -1;
	}
	if (record->kind != RECORD_READY) {
		return -1;
	}
	if (write(link->go_write, "", 1) != 1) {
		*record = (struct record){RECORD_FAILED, STAGE_CLONE, errno, STAGE_NO_MOUNT, 0};
		return -1;
	}
	return 0;
}

static uint64_t
milliseconds(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_usec / 1000;
}

static void
raise_to(uint64_t *most, uint64_t value)
{
	*most = *most < value ? value : *most;
}

/* What the kernel has counted and done, all processes together; the step is over. */
static void
add_counted(const struct cgroup *cgroup, struct sandbox_result *result)
{
	struct cgroup_usage usage;

	if (cgroup->fd < 0) {
		return;
	}
	cgroup_look(cgroup, &usage);
	raise_to(&result->user_ms, usage.user_ms);
	raise_to(&result->system_ms, usage.system_ms);
	if (result->outcome == SANDBOX_EXITED && usage.was_out_of_memory) {
		result->outcome = SANDBOX_MEMORY;
	}
	bool has_failed = result->exit_status || result->signal;
	if (result->outcome == SANDBOX_EXITED && usage.was_out_of_processes && has_failed) {
		result->outcome = SANDBOX_PROCESSES;
	}
}

/* Reaps pid 1 and reads what it had to say. */
static int
collect(struct link *link, const struct sandbox_spec *spec, struct sandbox_result *result,
	struct err *err)
{
	struct record record;
	struct rusage usage;
	bool is_ended = false;

	while (wait4(link->pid, NULL, __WALL, &usage) < 0 && errno == EINTR) {
	}
	link->pid = -1;
	result->user_ms = milliseconds(usage.ru_utime);
	result->system_ms = milliseconds(usage.ru_stime);
	result->written_bytes = (uint64_t)usage.ru_oublock * 512; /* getrusage(2): blocks are 512 */
	raise_to(&result->peak_memory, (uint64_t)usage.ru_maxrss * 1024);
	while (read_record(link, &record)) {
		if (record.kind == RECORD_FAILED && result->outcome == SANDBOX_EXITED) {
			return stage_explain(&record, spec, err);
		}
		if (record.kind == RECORD_ENDED) {
			is_ended = true;
			raise_to(&result->peak_memory, record.peak_memory);
			result->exit_status = WEXITSTATUS(record.number);
			result->signal = WIFSIGNALED(record.number) ? WTERMSIG(record.number) : 0;
		}
	}
	add_counted(&link->cgroup, result);
	if (result->outcome != SANDBOX_EXITED) {
		return 0;
	}
	if (!is_ended) {
		return err_fail(err, STATUS_SANDBOX,
			"the step's first process was killed from outside of the sandbox (by the "
			"kernel, for want of memory, or by hand)");
	}
	result->outcome = result->signal ? SANDBOX_SIGNALLED : SANDBOX_EXITED;
	return 0;
}

static int
run_linked(const struct child *child, struct link *link, struct sandbox_result *result,
	struct err *err)
{
	struct record record = {RECORD_FAILED, STAGE_CLONE, 0, STAGE_NO_MOUNT, 0};
	struct watch watch = {.spec = child->spec, .started_ms = clock_now_ms()};

	link->pid = make_child(child, link);
	record.number = errno;
	close_childs_ends(link);
	if (link->pid < 0 || release(link, &record) < 0) {
		abandon(link);
		return stage_explain(&record, child->spec, err);
	}
	watch.pid = link->pid;
	watch.life = link->life_read;
	watch.output = link->output_read;
	watch.cgroup = child->has_cgroup ? &link->cgroup : NULL;
	if (watch_step(&watch, result, err) < 0) {
		abandon(link);
		return -1;
	}
	result->wall_ms = clock_now_ms() - watch.started_ms;
	return collect(link, child->spec, result, err);
}

/* Files in memory are memory: no file system there gets larger than the step's limit on it. */
static struct sandbox_mount *
clip_mounts(struct sandbox_spec *spec)
{
	const uint64_t memory = spec->limits.memory_bytes;

	if (!memory || !spec->mount_count) {
		return NULL;
	}
	struct sandbox_mount *mounts = mem_zalloc(spec->mount_count, sizeof(*mounts));
	for (size_t i = 0; i < spec->mount_count; i++) {
		mounts[i] = spec->mounts[i];
		bool is_in_memory =
			mounts[i].kind == SANDBOX_TMPFS || mounts[i].kind == SANDBOX_DEV;
		if (is_in_memory && (!mounts[i].size || mounts[i].size > memory)) {
			mounts[i].size = memory;
		}
	}
	spec->mounts = mounts;
	return mounts;
}

/* A caller may hand on its own arguments, which the step's first process writes over (title.h). */
static const char *const *
copy_words(struct arena *arena, const char *const *words)
{
	size_t count = 0;

	while (words[count]) {
		count++;
	}
	const char **copy = arena_alloc(arena, count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		copy[i] = arena_strdup(arena, words[i]);
	}
	return copy;
}

int
run_spec(const struct sandbox_spec *spec, bool is_probe, struct sandbox_result *ret_result,
	struct err *err)
{
	struct sandbox_spec full = *spec;
	struct sandbox_result result = {.outcome = SANDBOX_EXITED};
	struct child child = {.spec = &full, .is_probe = is_probe, .terminal = -1};
	struct link link;

	fill_limits(&full.limits);
	cleanup_free struct sandbox_mount *clipped = clip_mounts(&full);
	if (check_spec(spec, err) < 0 || filter_for_step(&child.filter, err) < 0) {
		return -1;
	}
	struct arena arena = {0};
	full.argv = copy_words(&arena, spec->argv);
	full.env = copy_words(&arena, spec->env);
	int status = link_init(&link, spec, err);
	if (status == 0) {
		child.go = link.go_read;
		child.report = link.report_write;
		child.output = link.output_write;
		child.terminal = link.terminal;
		child.life = link.life_write;
		child.has_cgroup = cgroup_make(&full.limits, &link.cgroup);
		status = run_linked(&child, &link, &result, err);
	}
	link_done(&link);
	arena_done(&arena);
	if (status == 0) {
		*ret_result = result;
	}
	return status;
}

int
sandbox_run(const struct sandbox_spec *spec, struct sandbox_result *ret_result, struct err *err)
{
	return run_spec(spec, false, ret_result, err);
}
