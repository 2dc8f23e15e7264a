/* SPDX-License-Identifier: MIT */
/* What the examination says of hosts that refuse one thing each. */
#include "apart.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"
#include "sandbox/sandbox.h"

#include <sys/mount.h>
#include <sys/syscall.h>

#include "test.h"

/* One line a finding: "VERDICT NAME (errno) note | advice". */
static void
note_down(void *context, const struct finding *finding)
{
	static const char *const verdicts[] = {"ok", "degraded", "refused", "untried"};

	buf_printf(context, "%s %s (%d) %s | %s\n", verdicts[finding->verdict], finding->name,
		finding->number, finding->note, finding->advice);
}

/* Is there a line that begins so, and holds the word somewhere? */
static bool
says(const struct buf *text, const char *beginning, const char *word)
{
	for (const char *line = buf_text(text); *line; line = strchr(line, '\n') + 1) {
		size_t length = strcspn(line, "\n");
		if (strncmp(line, beginning, strlen(beginning)) == 0 &&
			memmem(line, length, word, strlen(word))) {
			return true;
		}
	}
	printf("# no '%s … %s' in:\n# %s\n", beginning, word, buf_text(text));
	return false;
}

/* Can steps run, and what was said on the way? */
static bool
examine(struct buf *text)
{
	struct err err = {0};

	int result = sandbox_examine(note_down, text, &err);
	if (result < 0 && err.status != STATUS_SANDBOX) {
		printf("# status %d: %s\n", err.status, err.text);
	}
	return result == 0;
}

TEST(a_host_that_runs_steps_refuses_nothing)
{
	cleanup_buf struct buf text = {0};
	struct err err = {0};

	if (sandbox_probe(&err) < 0) {
		SKIP("this host runs no steps");
	}
	CHECK(examine(&text));
	CHECK(says(&text, "ok user namespace (0)", ""));
	CHECK(says(&text, "ok pivot_root (0)", ""));
	CHECK(says(&text, "ok all of it at once (0)", ""));
	if (!CHECK(!strstr(buf_text(&text), "refused ") && !strstr(buf_text(&text), "untried "))) {
		printf("# %s\n", buf_text(&text));
	}
}

struct kind {
	const char *sysctl, *finding, *rests_on_it, *still_good;
};

static bool
namespaces_run_out(void *argument)
{
	const struct kind *kind = argument;
	cleanup_buf struct buf text = {0};
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", kind->sysctl);
	if (!become_mounter()) {
		return false;
	}
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	return write(fd, "0", 1) == 1 && !examine(&text) &&
	       says(&text, kind->finding, "sysctl -w user.max_") &&
	       (!kind->rests_on_it || says(&text, kind->rests_on_it, kind->finding + 8)) &&
	       says(&text, kind->still_good, "");
}

TEST(a_namespace_that_is_switched_off_is_refused_and_the_others_are_not)
{
	static const struct kind kinds[] = {
		{"user", "refused user namespace", "untried pivot_root", "ok openat2"},
		{"mnt", "refused mount namespace", "untried fresh /proc", "ok loopback device"},
		{"pid", "refused pid namespace", "untried fresh /proc", "ok pivot_root"},
		{"ipc", "refused ipc namespace", NULL, "ok pivot_root"},
		{"uts", "refused uts namespace", "untried host name", "ok pivot_root"},
		{"net", "refused network namespace", "untried loopback device", "ok pivot_root"},
		{"cgroup", "refused cgroup namespace", NULL, "ok pivot_root"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		CHECK(holds_apart(namespaces_run_out, (void *)&kinds[i]));
	}
}

/* A system call that answers with an errno, and how two of the lines begin then. */
struct refusal {
	unsigned number, answer;
	bool can_run;
	const char *line, *other;
};

static bool
call_is_refused(void *argument)
{
	const struct refusal *refusal = argument;
	cleanup_buf struct buf text = {0};

	return refuse_call(refusal->number, refusal->answer) &&
	       examine(&text) == refusal->can_run && says(&text, refusal->line, "") &&
	       says(&text, refusal->other, "");
}

TEST(a_system_call_that_is_refused_is_told_by_what_rests_on_it)
{
	static const struct refusal refusals[] = {
		{SYS_clone, EPERM, false, "refused user namespace (1)", "untried id maps"},
		{SYS_mount, EACCES, false, "refused private mounts (13)", "untried pivot_root"},
		{SYS_pivot_root, EINVAL, false, "refused pivot_root (22)", "ok minimal /dev"},
		{SYS_sethostname, EPERM, false, "refused host name (1)", "ok pivot_root"},
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		CHECK(holds_apart(call_is_refused, (void *)&refusals[i]));
	}
}

TEST(what_an_older_kernel_lacks_is_degraded_and_steps_run)
{
	static const struct refusal refusals[] = {
		{SYS_openat2, ENOSYS, true, "degraded openat2 (38)", "ok all of it"},
		{SYS_pidfd_open, ENOSYS, true, "ok pidfd", "ok all of it"},
		{SYS_close_range, ENOSYS, true, "degraded close_range (38)", "ok all of it"},
		{442, ENOSYS, true, "degraded mount_setattr (38)", "ok read-only bind mounts"},
		{444, ENOSYS, true, "degraded Landlock scopes", "ok all of it"},
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		CHECK(holds_apart(call_is_refused, (void *)&refusals[i]));
	}
}

static bool
proc_is_covered(void *unused)
{
	cleanup_buf struct buf text = {0};

	(void)unused;
	return become_mounter() && mount("tmpfs", "/proc/irq", "tmpfs", MS_RDONLY, NULL) == 0 &&
	       !examine(&text) && says(&text, "refused fresh /proc", "findmnt -R /proc") &&
	       says(&text, "ok pivot_root", "");
}

TEST(a_covered_proc_is_the_only_thing_refused)
{
	if (access("/proc/irq", F_OK) != 0) {
		SKIP("no /proc/irq to cover");
	}
	CHECK(holds_apart(proc_is_covered, NULL));
}
