/* SPDX-License-Identifier: MIT */
/* The stages of setting a step up. A stage that fails inside of the sandbox travels to the parent
 * as a record through a pipe; the parent turns it into words. */
#ifndef BRUN_SANDBOX_STAGE_H
#define BRUN_SANDBOX_STAGE_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct sandbox_spec;

enum stage {
	STAGE_DONE, /* no failure */
	STAGE_CLONE,
	STAGE_MAP,
	STAGE_IDENTITY,
	STAGE_PRIVATE,
	STAGE_ROOT,
	STAGE_SOURCE,
	STAGE_TARGET,
	STAGE_BIND,
	STAGE_TMPFS,
	STAGE_FILE,
	STAGE_LINK,
	STAGE_PROC,
	STAGE_DEV,
	STAGE_PIVOT,
	STAGE_HOSTNAME,
	STAGE_LOOPBACK,
	STAGE_LIMITS,
	STAGE_PRIVILEGES,
	STAGE_CWD,
	STAGE_FILTER,
	STAGE_FORK,
	STAGE_EXEC,
};

/* Which mount of the spec a failure belongs to when it belongs to none. */
#define STAGE_NO_MOUNT UINT32_MAX

/* What pid 1 of the step writes into the report pipe; each record in one write. */
struct record {
	enum record_kind { RECORD_READY, RECORD_FAILED, RECORD_ENDED } kind;
	enum stage stage; /* RECORD_FAILED */
	int number;	  /* RECORD_FAILED: errno; RECORD_ENDED: the wait status of the program */
	uint32_t mount;	  /* RECORD_FAILED: index into the spec's mounts, or STAGE_NO_MOUNT */
	uint64_t peak_memory; /* RECORD_ENDED: bytes, the largest process that was waited for */
};

/* Puts a failed stage into words, with what a person can do about it. Returns -1. */
int stage_explain(const struct record *record, const struct sandbox_spec *spec, struct err *err);

/* The host refuses a stage, with this errno; for processes that confine themselves. Returns -1. */
int stage_refusal(enum stage stage, int number, struct err *err);

#endif
