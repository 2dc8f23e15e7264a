/* SPDX-License-Identifier: MIT */
/* A throwaway directory for a test, and short ways to fill it. Include before unit/test.h. */
#ifndef BRUN_TEST_SCRATCH_H
#define BRUN_TEST_SCRATCH_H

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/replace.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch {
	char path[64];
	int fd;
};

static inline struct scratch
scratch_new(void)
{
	struct scratch scratch = {.path = "/tmp/brun-test-XXXXXX"};

	if (!mkdtemp(scratch.path)) {
		perror("mkdtemp");
		exit(1);
	}
	scratch.fd = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return scratch;
}

static inline void
scratch_done(struct scratch *scratch)
{
	fs_close_slot(&scratch->fd);
	if (fs_remove_at(AT_FDCWD, scratch->path, NULL) < 0) {
		printf("# could not remove %s\n", scratch->path);
	}
}

/* Makes a directory with its parents and opens it. */
static inline int
scratch_dir(const struct scratch *scratch, const char *name)
{
	fs_mkdirs_at(scratch->fd, name, 0755, NULL);
	return fs_open_dir(scratch->fd, name, NULL);
}

/* Writes a file, making its parents. */
static inline void
scratch_file(int dir, const char *path, mode_t mode, const char *text)
{
	const char *slash = strrchr(path, '/');

	if (slash) {
		cleanup_free char *parent = mem_strndup(path, (size_t)(slash - path));
		fs_mkdirs_at(dir, parent, 0755, NULL);
	}
	if (fs_create_at(dir, path, mode, text, strlen(text), NULL) < 0) {
		printf("# could not write %s\n", path);
	}
}

static inline mode_t
scratch_mode(int dir, const char *path)
{
	struct stat st;

	return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : st.st_mode;
}

#endif
