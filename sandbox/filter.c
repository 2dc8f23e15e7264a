/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include "filter_numbers.h"
#include "rules.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static int
add_call(scmp_filter_ctx context, const struct rule *rule, const char *name)
{
	const uint64_t value = rule->what == RULE_OWN_PID ? (uint64_t)getpid() : rule->value;
	const uint32_t action = rule->answer == RULE_ALLOW ? SCMP_ACT_ALLOW
							   : SCMP_ACT_ERRNO((unsigned)rule->answer);
	int call = seccomp_syscall_resolve_name(name);

	if (call == __NR_SCMP_ERROR) {
		return 0;
	}
	struct scmp_arg_cmp conditions[] = {
		rule->what == RULE_ABOVE
			? SCMP_CMP64(rule->argument, SCMP_CMP_GT, value)
			: SCMP_CMP64(rule->argument, SCMP_CMP_MASKED_EQ, rule->mask, value),
		SCMP_CMP64(rule->given, SCMP_CMP_NE, 0),
	};
	return seccomp_rule_add_array(context, action, call,
		!rule->mask   ? 0
		: rule->given ? 2
			      : 1,
		conditions);
}

static int
add_rule(scmp_filter_ctx context, const struct rule *rule)
{
	for (const char *at = rule->calls; *at;) {
		char name[64];
		size_t length = strcspn(at, " ");
		if (length >= sizeof(name)) {
			return -ENAMETOOLONG;
		}
		memcpy(name, at, length);
		name[length] = '\0';
		int result = add_call(context, rule, name);
		if (result < 0) {
			return result;
		}
		at += length + (at[length] == ' ');
	}
	return 0;
}

static int
add_rules(scmp_filter_ctx context, const struct rule *rules)
{
	int result = 0;

	for (; rules->calls && result == 0; rules++) {
		result = add_rule(context, rules);
	}
	return result;
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
	return result < 0 ? result : add_rules(context, rules_step);
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

static int
fail(int number, const char *what, struct err *err)
{
	err_set(err, number, "%s", what);
	if (err) {
		err->status = STATUS_SANDBOX;
	}
	return -1;
}

int
filter_for_step(const struct filter **ret_filter, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_step_filter);
	if (step_result < 0) {
		return fail(-step_result, "making the seccomp filter of a step", err);
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

/* Allows what the rules say and nothing else, in the calling process, from now on. */
static int
confine_to(const struct rule *rules, struct err *err)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int result = context ? add_rules(context, rules) : -ENOMEM;

	if (result == 0) {
		result = seccomp_load(context);
	}
	seccomp_release(context);
	return result < 0
		       ? fail(-result,
				 "this host refuses the sandbox: installing a system call filter",
				 err)
		       : 0;
}

int
filter_confine(struct err *err)
{
	return confine_to(rules_confine, err);
}

int
filter_confine_reader(struct err *err)
{
	return confine_to(rules_reader, err);
}
