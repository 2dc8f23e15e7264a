/* SPDX-License-Identifier: MIT */
/* Hosts that refuse, and hosts with older kernels. */
#include "apart.h"
#include "step.h"

#include <sys/mount.h>
#include <sys/syscall.h>

#include "test.h"

/* The probe fails as a matter of the sandbox, and its message has both words in it. */
static bool
is_refused_with(const char *stage, const char *advice)
{
	struct err err = {0};
	bool is_good = sandbox_probe(&err) == -1 && err.status == STATUS_SANDBOX &&
		       strstr(err.text, stage) && strstr(err.text, advice);

	if (!is_good) {
		printf("# %s\n", err.text);
	}
	return is_good;
}

static bool
namespaces_run_out(void *kind)
{
	char path[64], setting[64];

	snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", (const char *)kind);
	snprintf(setting, sizeof(setting), "user.max_%s_namespaces=", (const char *)kind);
	if (!become_mounter()) {
		return false;
	}
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	return write(fd, "0", 1) == 1 && is_refused_with("making namespaces", setting);
}

TEST(each_namespace_that_is_switched_off_is_named)
{
	static const char *const kinds[] = {"user", "mnt", "pid", "ipc", "uts", "net", "cgroup"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		CHECK(holds_apart(namespaces_run_out, (void *)kinds[i]));
	}
}

static bool
container_refuses_clone(void *unused)
{
	(void)unused;
	return refuse_call(SYS_clone, EPERM) &&
	       is_refused_with("(the user one): Operation not permitted", "seccomp=unconfined");
}

TEST(a_container_that_refuses_clone_is_told_from_a_setting)
{
	CHECK(holds_apart(container_refuses_clone, NULL));
}

static bool
mount_is_refused(void *unused)
{
	(void)unused;
	return refuse_call(SYS_mount, EACCES) &&
	       is_refused_with("making the mounts private: Permission denied", "");
}

TEST(mounts_that_are_refused_name_the_stage)
{
	CHECK(holds_apart(mount_is_refused, NULL));
}

static bool
pivot_is_refused(void *unused)
{
	(void)unused;
	return refuse_call(SYS_pivot_root, EINVAL) &&
	       is_refused_with("entering the new root", "initramfs");
}

TEST(an_initramfs_is_recognised)
{
	CHECK(holds_apart(pivot_is_refused, NULL));
}

static bool
proc_is_covered(void *unused)
{
	(void)unused;
	return become_mounter() && mount("tmpfs", "/proc/irq", "tmpfs", MS_RDONLY, NULL) == 0 &&
	       is_refused_with("mounting /proc", "unmask=ALL");
}

TEST(a_covered_proc_is_recognised)
{
	if (access("/proc/irq", F_OK) != 0) {
		SKIP("no /proc/irq to cover");
	}
	CHECK(holds_apart(proc_is_covered, NULL));
}

static bool
proc_is_missing(void *unused)
{
	(void)unused;
	return become_mounter() && mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0 &&
	       is_refused_with("id maps", "mount -t proc");
}

TEST(a_missing_proc_is_recognised)
{
	CHECK(holds_apart(proc_is_missing, NULL));
}

static bool
dev_is_missing(void *unused)
{
	(void)unused;
	return become_mounter() && mount("tmpfs", "/dev", "tmpfs", 0, NULL) == 0 &&
	       is_refused_with("", "host's /dev");
}

TEST(a_missing_dev_is_recognised)
{
	CHECK(holds_apart(dev_is_missing, NULL));
}

static bool
filters_are_refused(void *unused)
{
	(void)unused;
	return refuse_call(SYS_prctl, EINVAL) && is_refused_with("", "");
}

TEST(no_step_runs_where_a_late_stage_is_refused)
{
	CHECK(holds_apart(filters_are_refused, NULL));
}

/* A step that uses all that an older kernel does differently. */
static bool
runs_without(void *numbers)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND, step_make_dir(&step, "in"), "/in");
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	step_mount(&step, SANDBOX_FILE, "text", "/etc/file");
	const char *inner = step_make_dir(&step, "in/in ner");
	bool is_good = become_mounter() && mount("tmpfs", inner, "tmpfs", MS_NODEV, NULL) == 0;
	step_make_file(&step, "in/in ner/file", "inner");
	for (const unsigned *number = numbers; *number; number++) {
		is_good = is_good && refuse_call(*number, ENOSYS);
	}
	step_run(&step,
		"cat '/in/in ner/file' /etc/file; echo x >/rw/f; echo x >/in/f; echo x >'/in/in ner/file'; "
		"ls -A /; ls -l /proc/self/fd/0; awk '$6 !~ /nosuid/' /proc/self/mountinfo; "
		"chmod 666 /dev/null /proc/self/fd/0");
	is_good = is_good && step.status == 0 && step_has(&step, "innertext") &&
		  access(step_path(&step, "rw/f"), F_OK) == 0 &&
		  access(step_path(&step, "in/f"), F_OK) != 0 &&
		  step_has(&step, "/in/in ner/file: Read-only") &&
		  step_has(&step, "/dev/null': Read-only") &&
		  step_has(&step, "/proc/self/fd/0': Read-only") && !step_has(&step, ".brun");
	if (!is_good) {
		printf("# %s\n", buf_text(&step.output));
	}
	umount2(inner, MNT_DETACH);
	return is_good;
}

TEST(steps_run_on_a_kernel_without_mount_setattr)
{
	unsigned numbers[] = {442, 0};

	CHECK(holds_apart(runs_without, numbers));
}

TEST(steps_run_on_a_kernel_without_openat2_and_close_range)
{
	unsigned numbers[] = {SYS_openat2, SYS_close_range, 0};

	CHECK(holds_apart(runs_without, numbers));
}

TEST(steps_run_on_a_kernel_without_any_of_these)
{
	unsigned numbers[] = {428, 429, 442, SYS_openat2, SYS_close_range, SYS_clone3, 444,
		SYS_pidfd_open, SYS_pidfd_send_signal, SYS_faccessat2, 0};

	CHECK(holds_apart(runs_without, numbers));
}
