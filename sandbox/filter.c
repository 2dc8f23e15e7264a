/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include "filter_numbers.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Calls that a step never gets, with the answer. A name that the architecture lacks is passed
 * over. EPERM for what takes a privilege anyway; ENOSYS where programs have a fall-back. */
struct refusal {
	int number;
	const char *name;
};

static const struct refusal refusals[] = {
	/* mounts and namespaces */
	{EPERM, "mount"},
	{EPERM, "umount"},
	{EPERM, "umount2"},
	{EPERM, "pivot_root"},
	{EPERM, "chroot"},
	{EPERM, "move_mount"},
	{EPERM, "open_tree"},
	{EPERM, "fsopen"},
	{EPERM, "fsconfig"},
	{EPERM, "fsmount"},
	{EPERM, "fspick"},
	{EPERM, "mount_setattr"},
	{EPERM, "setns"},
	/* its flags lie behind a pointer; C libraries fall back to clone */
	{ENOSYS, "clone3"},
	/* large and young parts of the kernel */
	{EPERM, "bpf"},
	{EPERM, "perf_event_open"},
	{EPERM, "userfaultfd"},
	{ENOSYS, "io_uring_setup"},
	{ENOSYS, "io_uring_enter"},
	{ENOSYS, "io_uring_register"},
	{EPERM, "fanotify_init"},
	{EPERM, "lookup_dcookie"},
	{EPERM, "modify_ldt"},
	{EPERM, "vm86"},
	{EPERM, "vm86old"},
	/* keyrings belong to no namespace */
	{EPERM, "keyctl"},
	{EPERM, "add_key"},
	{EPERM, "request_key"},
	/* the machine as a whole */
	{EPERM, "kexec_load"},
	{EPERM, "kexec_file_load"},
	{EPERM, "init_module"},
	{EPERM, "finit_module"},
	{EPERM, "delete_module"},
	{EPERM, "create_module"},
	{EPERM, "reboot"},
	{EPERM, "swapon"},
	{EPERM, "swapoff"},
	{EPERM, "acct"},
	{EPERM, "quotactl"},
	{EPERM, "quotactl_fd"},
	{EPERM, "nfsservctl"},
	{EPERM, "syslog"},
	{EPERM, "iopl"},
	{EPERM, "ioperm"},
	{EPERM, "vhangup"},
	{EPERM, "clock_settime"},
	{EPERM, "clock_settime64"},
	{EPERM, "settimeofday"},
	{EPERM, "stime"},
	{EPERM, "uselib"},
	{EPERM, "_sysctl"},
	{EPERM, "open_by_handle_at"},
	/* Builds "install -o root"; nobody but the step sees the owner, so saying yes is enough. */
	{0, "chown"},
	{0, "chown32"},
	{0, "fchown"},
	{0, "fchown32"},
	{0, "lchown"},
	{0, "lchown32"},
	{0, "fchownat"},
};

static int
refuse_by_name(scmp_filter_ctx context)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		int call = seccomp_syscall_resolve_name(refusals[i].name);
		if (call == __NR_SCMP_ERROR) {
			continue;
		}
		int result = seccomp_rule_add(
			context, SCMP_ACT_ERRNO((unsigned)refusals[i].number), call, 0);
		if (result < 0) {
			return result;
		}
	}
	return 0;
}

/* Arguments that the kernel takes as 32 bits are compared as such [CVE-2019-10063]. */
static int
refuse_by_argument(scmp_filter_ctx context)
{
	static const unsigned requests[] = {TIOCSTI, TIOCLINUX};
	const uint32_t refused = SCMP_ACT_ERRNO(EPERM);
	const uint64_t user = CLONE_NEWUSER;

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		int result = seccomp_rule_add(context, refused, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, requests[i]));
		if (result < 0) {
			return result;
		}
	}
	int result = seccomp_rule_add(
		context, refused, SCMP_SYS(unshare), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, user, user));
	return result < 0 ? result
			  : seccomp_rule_add(context, refused, SCMP_SYS(clone), 1,
				    SCMP_A0(SCMP_CMP_MASKED_EQ, user, user));
}

static int
fill_step(scmp_filter_ctx context)
{
	int result = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));

	if (result == 0) {
		/* A binary tree: a call passes about 7 comparisons instead of about 60. */
		(void)seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	}
	if (result == 0 && seccomp_arch_native() == SCMP_ARCH_X86_64) {
		result = seccomp_arch_add(context, SCMP_ARCH_X86);
	}
	if (result == 0) {
		result = refuse_by_name(context);
	}
	return result < 0 ? result : refuse_by_argument(context);
}

/* libseccomp before 2.6 exports to a descriptor only. */
static int export(scmp_filter_ctx context, struct program *ret_program)
{
	struct buf code = {0};
	cleanup_fd int fd = memfd_create("filter", MFD_CLOEXEC);

	if (fd < 0) {
		return -errno;
	}
	int result = seccomp_export_bpf(context, fd);
	if (result < 0) {
		return result;
	}
	if (lseek(fd, 0, SEEK_SET) < 0 || fs_read_all(fd, 1 << 20, &code, NULL) < 0) {
		buf_done(&code);
		return -EIO;
	}
	ret_program->length = code.length / sizeof(struct sock_filter);
	ret_program->code = (struct sock_filter *)buf_take(&code);
	return 0;
}

static struct filter step_filter;
static int step_result;

static void
make_step_filter(void)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);

	step_result = context ? fill_step(context) : -ENOMEM;
	if (step_result == 0) {
		step_result = export(context, &step_filter.names);
	}
	seccomp_release(context);
	step_filter.numbers = filter_numbers_program();
}

int
filter_for_step(const struct filter **ret_filter, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_step_filter);
	if (step_result < 0) {
		err_set(err, -step_result, "making the seccomp filter");
		if (err) {
			err->status = STATUS_SANDBOX;
		}
		return -1;
	}
	*ret_filter = &step_filter;
	return 0;
}

static int
apply(const struct program *program)
{
	struct sock_fprog fprog = {.len = (unsigned short)program->length, .filter = program->code};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog, 0, 0);
}

int
filter_apply(const struct filter *filter)
{
	return apply(&filter->numbers) < 0 ? -1 : apply(&filter->names);
}
