/* SPDX-License-Identifier: MIT */
#include "host.h"
#include "sandbox.h"
#include "stage.h"

#include "base/err.h"

#include <errno.h>
#include <string.h>

static const struct sandbox_mount no_mount = {.source = "", .target = ""};

static const struct sandbox_mount *
mount_of(const struct record *record, const struct sandbox_spec *spec)
{
	return record->mount < spec->mount_count ? &spec->mounts[record->mount] : &no_mount;
}

/* Failures that the spec or the store is to blame for, not the host. */
static int
explain_callers_fault(const struct record *record, const struct sandbox_spec *spec, struct err *err)
{
	const struct sandbox_mount *mount = mount_of(record, spec);
	const char *why = strerrordesc_np(record->number);

	switch (record->stage) {
	case STAGE_SOURCE:
		err_set(err, record->number, "a step's input '%s' (for '%s')", mount->source,
			mount->target);
		return record->number == EACCES
			       ? err_hint(err,
					 "inside of its namespaces even root passes no directory that "
					 "only another user may pass: keep the store in one that its "
					 "user owns")
			       : -1;
	case STAGE_TARGET:
	case STAGE_LINK:
		return err_fail(err, STATUS_STEP, "place '%s' in the step's root: %s%s",
			mount->target, why,
			record->number == ELOOP	  ? " (a symlink of an input lies in the way)"
			: record->number == EROFS ? " (an input that lacks it covers its place)"
						  : "");
	case STAGE_CWD:
		return err_fail(
			err, STATUS_STEP, "working directory '%s' of the step: %s", spec->cwd, why);
	default:
		return err_fail(
			err, STATUS_STEP, "execute '%s' in the step: %s", spec->argv[0], why);
	}
}

static const char *
stage_name(enum stage stage)
{
	static const char *const names[] = {
		[STAGE_CLONE] = "making namespaces",
		[STAGE_MAP] = "writing the id maps of the user namespace",
		[STAGE_IDENTITY] = "becoming user 1000",
		[STAGE_PRIVATE] = "making the mounts private",
		[STAGE_ROOT] = "mounting the new root",
		[STAGE_SOURCE] = "taking an input",
		[STAGE_BIND] = "mounting an input",
		[STAGE_TMPFS] = "mounting a tmpfs",
		[STAGE_FILE] = "putting a file in place",
		[STAGE_PROC] = "mounting /proc",
		[STAGE_DEV] = "setting up /dev",
		[STAGE_PIVOT] = "entering the new root",
		[STAGE_HOSTNAME] = "setting the host name",
		[STAGE_LOOPBACK] = "bringing up the loopback device",
		[STAGE_LIMITS] = "setting resource limits",
		[STAGE_PRIVILEGES] = "dropping privileges",
		[STAGE_FILTER] = "installing the system call filter",
		[STAGE_FORK] = "starting a process",
	};

	return (size_t)stage < sizeof(names) / sizeof(*names) && names[stage] ? names[stage]
									      : "setting up";
}

static bool
is_callers_fault(const struct record *record)
{
	switch (record->stage) {
	case STAGE_SOURCE:
		return record->number == ENOENT || record->number == ENOTDIR ||
		       record->number == EACCES || record->number == ELOOP ||
		       record->number == ENAMETOOLONG;
	case STAGE_TARGET:
	case STAGE_LINK:
	case STAGE_CWD:
	case STAGE_EXEC:
		return true;
	default:
		return false;
	}
}

int
stage_refusal(enum stage stage, int number, struct err *err)
{
	const char *kind = stage == STAGE_CLONE ? host_refused_namespace(&number) : NULL;

	err_fail(err, STATUS_SANDBOX, "this host refuses the sandbox: %s%s%s%s: %s",
		stage_name(stage), kind ? " (the " : "", kind ? kind : "", kind ? " one)" : "",
		strerrordesc_np(number));
	if (err) {
		err->number = number;
		host_advise(stage, number, kind, err);
	}
	return -1;
}

int
stage_explain(const struct record *record, const struct sandbox_spec *spec, struct err *err)
{
	if (is_callers_fault(record)) {
		return explain_callers_fault(record, spec, err);
	}
	return stage_refusal(record->stage, record->number, err);
}
