/* SPDX-License-Identifier: MIT */
/* The sandbox: a spec goes in, a result comes out. It knows paths and processes, not packages. */
#ifndef BRUN_SANDBOX_H
#define BRUN_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct finding; /* base/finding.h */

/* Part of every key whose action ran in here: raise it when a step can see a difference. */
#define SANDBOX_VERSION "4"

enum sandbox_mount_kind {
	SANDBOX_BIND,	 /* source, recursively, read-only; directory or file, no symlink */
	SANDBOX_BIND_RW, /* source, writable, nosuid nodev */
	SANDBOX_TMPFS,	 /* empty and writable, at most `size` bytes */
	SANDBOX_DIR,	 /* an empty directory, read-only once set up */
	SANDBOX_FILE,	 /* a read-only file whose contents are `source` */
	SANDBOX_LINK,	 /* a symlink to `source` */
	SANDBOX_PROC,	 /* fresh, masked */
	/* null zero full random urandom tty fd stdin stdout stderr shm pts ptmx, and no more */
	SANDBOX_DEV,
};

/* One step of putting the root together; done in order. A target that exists in an earlier
 * read-only bind is mounted over; one that does not must lie on the root's own tmpfs. Targets are
 * absolute and are never reached through a symlink. */
struct sandbox_mount {
	enum sandbox_mount_kind kind;
	const char *source;
	const char *target;
	uint64_t size;
};

/* 0: the default in brackets. */
struct sandbox_limits {
	uint64_t wall_seconds;	  /* [4 hours] */
	uint64_t silence_seconds; /* without output [1 hour] */
	uint64_t log_bytes;	  /* output that is passed on [256 MiB] */
	uint64_t processes;	  /* and threads: none more can be made [16384] */
	/* Of everything that the step makes the kernel keep, where it gets a group of its own in
	 * cgroup v2. Else of all processes and the files that only they hold, looked at twice a
	 * second (not what waits in sockets and pipes, page tables, names in memory); and address
	 * space of each (RLIMIT_AS). In any case size of each file system in memory [none]. */
	uint64_t memory_bytes;
	/* Contents of the writable binds, with or without a name; 4 KiB a name at least
	 * [64 GiB]. */
	uint64_t disk_bytes;
};

struct sandbox_spec {
	const struct sandbox_mount *mounts;
	size_t mount_count;
	const char *const *argv; /* NULL-terminated; argv[0] is a path inside */
	const char *const *env;	 /* NULL-terminated NAME=VALUE: the whole environment */
	const char *cwd;	 /* inside */
	const char *hostname;	 /* NULL: "brun" */
	bool network;		 /* share the host's network instead of a lone loopback */
	struct sandbox_limits limits;
	int cancel_fd; /* readable: kill everything; -1: none */
	/* NULL; or a terminal, which becomes the step's controlling one and its stdin, stdout and
	 * stderr instead of /dev/null and the output below. Make a new one (posix_openpt). */
	const int *terminal_fd;
	/* Output (stdout and stderr, one stream) as it comes. May be NULL. */
	void (*output)(void *context, const char *data, size_t length);
	void *context;
};

struct sandbox_result {
	enum sandbox_outcome {
		SANDBOX_EXITED,	   /* exit_status */
		SANDBOX_SIGNALLED, /* signal */
		SANDBOX_WALL,	   /* a limit was hit: wall time … */
		SANDBOX_SILENCE,
		SANDBOX_LOG,
		SANDBOX_MEMORY, /* all together; without a group, a process that is over it by
				   itself gets ENOMEM */
		SANDBOX_DISK,
		SANDBOX_PROCESSES, /* as many as that, looked at twice a second */
		SANDBOX_CANCELLED,
	} outcome;
	int exit_status, signal;
	uint64_t wall_ms, user_ms, system_ms;
	/* Bytes: of all processes, looked at twice a second (without a group, what is shared counts
	 * for each); or of the largest (never less than brun's). */
	uint64_t peak_memory;
	uint64_t written_bytes; /* to disks, or meant for them: what is in memory only is not */
};

/* Runs one step and comes back when every process of it is gone. 0 and a result when the step's
 * program was started; -1 when it could not be: STATUS_SANDBOX where the host refuses (which
 * stage, errno, which setting is in the way), STATUS_STEP where argv[0] can't be executed or a
 * target or cwd is no good, STATUS_STORE where a source is missing or a symlink.
 * Thread-safe; nothing outside of the writable binds is touched, and all mounts are gone with the
 * step. */
int sandbox_run(
	const struct sandbox_spec *spec, struct sandbox_result *ret_result, struct err *err);

/* Can this host run steps? Tries it with an empty step; the message is for the person. */
int sandbox_probe(struct err *err);

/* The same in detail, for a process with one thread: every stage and system call that a step rests
 * on is tried by itself and reported, then all of it at once. STATUS_SANDBOX where one is
 * refused. */
int sandbox_examine(void (*report)(void *context, const struct finding *finding), void *context,
	struct err *err);

/* For a helper that works on hostile bytes: confines the calling, single-threaded process. After it
 * nothing but `root_fd` (as "/", writable when is_writable; -1: an empty read-only root) can be
 * reached by path, there is no network, nothing can be executed, and the system calls are those
 * that decompressing, reading and writing files need. Descriptors stay open. From then on it ends
 * (SIGKILL) with the thread that started it. */
int sandbox_confine(int root_fd, bool is_writable, struct err *err);

/* Milder, for the recipe evaluator: no new files for writing, no execution, no network, no
 * signals to others; reading files goes on working. Installs a seccomp filter only. */
int sandbox_confine_reader(struct err *err);

#endif
