/* SPDX-License-Identifier: MIT */
/* Running small shell scripts as steps, on the host's own programs. */
#ifndef BRUN_TEST_STEP_H
#define BRUN_TEST_STEP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP_MOUNTS = 32 };

/* A step to be, what came of it, and a scratch directory that goes with it. */
struct step {
	struct sandbox_spec spec;
	struct sandbox_mount mounts[STEP_MOUNTS];
	struct arena arena;
	const char *argv[4];
	char dir[32];
	int status; /* of sandbox_run */
	struct sandbox_result result;
	struct err err;
	struct buf output;
};

static inline struct sandbox_mount *
step_mount(struct step *step, enum sandbox_mount_kind kind, const char *source, const char *target)
{
	struct sandbox_mount *mount = &step->mounts[step->spec.mount_count++];

	*mount = (struct sandbox_mount){.kind = kind, .source = source, .target = target};
	return mount;
}

/* The host's programs and libraries: directories bound, symlinks made again. */
static inline void
step_mount_host(struct step *step)
{
	static const char *const names[] = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64",
		"/libx32", "/etc/alternatives"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char link[PATH_MAX];
		ssize_t length = readlink(names[i], link, sizeof(link));
		if (length > 0) {
			step_mount(step, SANDBOX_LINK,
				arena_strndup(&step->arena, link, (size_t)length), names[i]);
		} else if (access(names[i], F_OK) == 0) {
			step_mount(step, SANDBOX_BIND, names[i], names[i]);
		}
	}
}

static inline void
step_init(struct step *step)
{
	static const char *const env[] = {"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C", NULL};

	memset(step, 0, sizeof(*step));
	step->spec.mounts = step->mounts;
	step->spec.env = env;
	step->spec.cwd = "/";
	step->spec.cancel_fd = -1;
	step->spec.limits.wall_seconds = 60;
	strcpy(step->dir, "/tmp/brun-step-XXXXXX");
	if (!mkdtemp(step->dir)) {
		abort();
	}
	step_mount_host(step);
	step_mount(step, SANDBOX_PROC, NULL, "/proc");
	step_mount(step, SANDBOX_DEV, NULL, "/dev");
	step_mount(step, SANDBOX_TMPFS, NULL, "/tmp")->size = 1 << 20;
}

static inline void
step_done(struct step *step)
{
	fs_remove_at(AT_FDCWD, step->dir, NULL);
	arena_done(&step->arena);
	buf_done(&step->output);
}

#define cleanup_step __attribute__((cleanup(step_done)))

static inline void
step_keep_output(void *context, const char *data, size_t length)
{
	buf_add(context, data, length);
}

/* Runs /bin/sh -c SCRIPT; sandbox_run's status. */
static inline int
step_run(struct step *step, const char *script)
{
	step->argv[0] = "/bin/sh";
	step->argv[1] = "-c";
	step->argv[2] = script;
	step->spec.argv = step->argv;
	step->spec.output = step_keep_output;
	step->spec.context = &step->output;
	buf_done(&step->output);
	step->output = (struct buf){0};
	step->err = (struct err){0};
	step->status = sandbox_run(&step->spec, &step->result, &step->err);
	if (step->status < 0) {
		printf("# %s\n", step->err.text);
	}
	return step->status;
}

/* What the script printed, without the last newline; NULL where the step did not start. */
static inline const char *
step_says(struct step *step, const char *script)
{
	if (step_run(step, script) < 0) {
		return NULL;
	}
	while (step->output.length > 0 && step->output.data[step->output.length - 1] == '\n') {
		step->output.data[--step->output.length] = '\0';
	}
	return buf_text(&step->output);
}

/* The path of NAME in the step's scratch directory on the host. */
static inline const char *
step_path(struct step *step, const char *name)
{
	return arena_printf(&step->arena, "%s/%s", step->dir, name);
}

/* A directory of that name in the scratch directory. */
static inline const char *
step_make_dir(struct step *step, const char *name)
{
	const char *path = step_path(step, name);

	if (mkdir(path, 0755) < 0) {
		abort();
	}
	return path;
}

static inline const char *
step_make_file(struct step *step, const char *name, const char *text)
{
	const char *path = step_path(step, name);

	if (fs_create_at(AT_FDCWD, path, 0644, text, strlen(text), NULL) < 0) {
		abort();
	}
	return path;
}

static inline bool
step_has(const struct step *step, const char *text)
{
	return strstr(buf_text(&step->output), text) || strstr(step->err.text, text);
}

#endif
