/* SPDX-License-Identifier: MIT */
/* Each trial by itself, in a child that has the namespaces it needs. What rests on something that
 * was refused is not tried: its errno would tell about that. */
#include "sandbox.h"

#include "birth.h"
#include "cgroup.h"
#include "delegation.h"
#include "holder.h"
#include "host.h"
#include "idmap.h"
#include "privileges.h"
#include "trial.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct examination {
	finding_fn *report;
	void *context;
	const char *refused[STAGE_EXEC + 1]; /* by stage: the trial that is in the way, or NULL */
	unsigned long refused_namespaces;
	const char *first_refused; /* trial, or NULL */
};

/* 0; an errno; or the negative number of the signal that ended the child. */
static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR) {
			return errno;
		}
	}
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* In the child, whose status is an errno. */
_Noreturn static void
try_here(const struct trial *trial, int go)
{
	char byte;

	if (read(go, &byte, 1) != 1) {
		_exit(ECANCELED);
	}
	_exit(trial->body && trial->body() < 0 ? errno : 0);
}

/* Maps the child's ids, lets it try, and waits: as wait_for. */
static int
let_try(const struct trial *trial, pid_t pid, int *go)
{
	bool is_mapped = trial->stage != STAGE_CLONE && trial->within;
	int refusal = is_mapped && idmap_write(pid) < 0 ? errno : 0;

	if (!refusal && write(*go, "", 1) != 1) {
		refusal = errno;
	}
	fs_close_slot(go);
	*go = -1;
	int ended = wait_for(pid);
	return refusal ? refusal : ended;
}

static int
try(const struct trial *trial)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return errno;
	}
	cleanup_fd int go_read = ends[0];
	cleanup_fd int go_write = ends[1];
	pid_t pid = (pid_t)syscall(SYS_clone, trial->flag | trial->within, NULL, NULL, NULL, 0);
	if (pid == 0) {
		close(go_write);
		try_here(trial, go_read);
	}
	return pid < 0 ? errno : let_try(trial, pid, &go_write);
}

/* The trial of a namespace that this one needs and that was refused; or of a stage. */
static const char *
in_the_way(const struct examination *examination, const struct trial *trial)
{
	for (const struct trial *other = trials; other->name; other++) {
		if (other->flag & trial->within & examination->refused_namespaces) {
			return other->name;
		}
	}
	return examination->refused[trial->after];
}

static void
remember(struct examination *examination, const struct trial *trial, const char *culprit)
{
	examination->refused_namespaces |= trial->flag;
	if (trial->stage != STAGE_DONE && trial->stage != STAGE_CLONE) {
		examination->refused[trial->stage] = culprit;
	}
}

static void
tell(const struct examination *examination, const struct trial *trial, enum finding_verdict verdict,
	int number, const char *note, const char *advice)
{
	const struct finding finding = {trial->name, verdict, number, note, advice};

	examination->report(examination->context, &finding);
}

static void
tell_refused(const struct examination *examination, const struct trial *trial, int number)
{
	cleanup_buf struct buf note = {0};
	struct err advice = {0};

	if (number < 0) {
		const char *name = sigdescr_np(-number);
		buf_printf(&note, "the attempt was killed by signal %d (%s)", -number,
			name ? name : "unknown");
	}
	host_advise(trial->stage, number > 0 ? number : EPERM, trial->kind, &advice);
	tell(examination, trial, FINDING_REFUSED, number > 0 ? number : 0, buf_text(&note),
		advice.text);
}

static void
examine(struct examination *examination, const struct trial *trial)
{
	const char *culprit = in_the_way(examination, trial);

	if (culprit) {
		cleanup_free char *note = mem_printf("needs what is refused: %s", culprit);
		remember(examination, trial, culprit);
		tell(examination, trial, FINDING_UNTRIED, 0, note, "");
		return;
	}
	int number = try(trial);
	if (number == 0) {
		tell(examination, trial, FINDING_OK, 0, "", "");
	} else if (trial->without) {
		tell(examination, trial, FINDING_DEGRADED, number > 0 ? number : 0, trial->without,
			"");
	} else {
		remember(examination, trial, trial->name);
		examination->first_refused = examination->first_refused ?: trial->name;
		tell_refused(examination, trial, number);
	}
}

/* In a process made as a step's first one. Its status: 0 where it has no group of the caller's any
 * more. */
_Noreturn static void
leave_groups(const void *context)
{
	const int *go = context;
	gid_t group;
	char byte;

	close(go[1]);
	if (read(go[0], &byte, 1) != 1 || privileges_become_user() < 0 ||
		privileges_leave_groups() < 0) {
		_exit(errno);
	}
	int count = getgroups(1, &group);
	_exit(count == 0 || (count == 1 && group == PRIVILEGES_ID) ? 0 : EPERM);
}

static int
try_to_leave_groups(void)
{
	bool is_mapped;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return errno;
	}
	const struct birth birth = {
		.namespaces = CLONE_NEWUSER, .body = leave_groups, .context = ends};
	pid_t pid = birth_give(&birth, &is_mapped);
	int number = pid < 0 || (!is_mapped && idmap_write(pid) < 0) ? errno : 0;
	/* It can't be a SIGPIPE: the other end is ours, too. */
	ssize_t ignored = number ? 0 : write(ends[1], "", 1);
	(void)ignored;
	if (pid > 0 && number) {
		kill(pid, SIGKILL);
	}
	int ended = pid > 0 ? wait_for(pid) : 0;
	close(ends[0]);
	close(ends[1]);
	return number ? number : ended;
}

static void
examine_groups(const struct examination *examination)
{
	const struct trial trial = {
		.name = "supplementary groups", .after = STAGE_IDENTITY, .within = CLONE_NEWUSER};
	const char *culprit = in_the_way(examination, &trial);

	if (culprit) {
		cleanup_free char *needed = mem_printf("needs what is refused: %s", culprit);
		tell(examination, &trial, FINDING_UNTRIED, 0, needed, "");
		return;
	}
	const struct holder *holder = holder_find();
	int number = try_to_leave_groups();
	if (number == 0) {
		tell(examination, &trial, FINDING_OK, 0,
			holder->fd < 0 ? "" : "a step leaves them, thanks to newgidmap", "");
		return;
	}
	cleanup_free char *note =
		mem_printf("a step keeps this user's, and what only they may open: %s",
			holder->problem ?: "they can't be left");
	tell(examination, &trial, FINDING_DEGRADED, holder->problem ? 0 : number, note,
		holder->advice);
}

static bool
has_pidfd(void)
{
	cleanup_fd int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	return fd >= 0;
}

/* By making a group as a step's is made. */
static void
examine_cgroup(const struct examination *examination)
{
	const struct sandbox_limits some = {.processes = 16384, .memory_bytes = 1 << 30};
	const struct delegation *place = delegation_find();
	struct finding finding = {"cgroup v2", FINDING_OK, 0, "", ""};
	struct cgroup group;

	if (cgroup_make(&some, &group)) {
		cgroup_remove(&group);
		finding.note =
			place->has_pids
				? "the kernel bounds and counts a step's memory and processes"
				: "the kernel bounds and counts a step's memory";
	} else {
		finding.verdict = FINDING_DEGRADED;
		finding.note = place->problem ?: "no group can be made here";
		finding.advice = place->advice ?: "";
	}
	examination->report(examination->context, &finding);
}

/* What other sandboxes rest on: here a pipe tells of a step's end. */
static void
examine_unneeded(const struct examination *examination)
{
	const struct finding finding = {"pidfd", FINDING_OK, 0,
		has_pidfd() ? "there; not needed" : "not there (Linux 5.3 has it); not needed", ""};

	examination->report(examination->context, &finding);
}

/* The rest of an err's text, behind its first line. */
static const char *
hints_of(const struct err *err)
{
	const char *end = strchr(err->text, '\n');

	return end ? end + 1 : "";
}

static void
examine_whole(struct examination *examination)
{
	static const char name[] = "all of it at once";
	struct err problem = {0};
	bool is_good = sandbox_probe(&problem) == 0;
	const char *advice = hints_of(&problem);

	if (!is_good && !examination->first_refused) {
		examination->first_refused = name;
	} else if (!is_good) {
		advice = ""; /* it stands with what was refused by itself */
	}
	const struct finding finding = {
		name, is_good ? FINDING_OK : FINDING_REFUSED, problem.number, "", advice};
	examination->report(examination->context, &finding);
}

int
sandbox_examine(finding_fn *report, void *context, struct err *err)
{
	struct examination examination = {.report = report, .context = context};

	for (const struct trial *trial = trials; trial->name; trial++) {
		examine(&examination, trial);
	}
	examine_groups(&examination);
	examine_cgroup(&examination);
	examine_unneeded(&examination);
	examine_whole(&examination);
	return examination.first_refused
		       ? err_fail(err, STATUS_SANDBOX, "this host refuses what a step takes: %s",
				 examination.first_refused)
		       : 0;
}
