/* SPDX-License-Identifier: MIT */
/* The launcher's code, compiled for the tests, under a kernel of theirs: files are in memory,
 * mappings real, and what a launcher must never do (map over what is not its own, leave a
 * descriptor) traps. */
#ifndef BRUN_KERNEL_H
#define BRUN_KERNEL_H

#include "launcher/launch/launch.h"

enum { KERNEL_PROGRAM, KERNEL_INTERPRETER, KERNEL_MAPS = 400 };

struct kernel_map {
	uint64_t address, length, offset;
	int protection, flags;
	int file; /* KERNEL_PROGRAM, KERNEL_INTERPRETER, -1: anonymous */
};

struct kernel {
	/* what there is */
	struct {
		const void *data;
		size_t size;
	} files[2];
	/* What each open gives: 'p' and 'i' the files, 'n' ENOENT, 'a' EACCES, 'l' ELOOP; the last
	 * holds on. */
	const char *opens;
	const char *name; /* AT_EXECFN; NULL: "bin/started" */
	const char *self; /* what /proc/self/exe says; NULL: there is no /proc */
	const char *link; /* what other paths say; NULL: they are no links */
	uint64_t page_size;
	bool is_secure; /* AT_SECURE */
	const char *const *argv, *const *environment;

	/* what came of it */
	int status; /* of its exit; -1 where it has started the program */
	char message[512];
	struct kernel_map maps[KERNEL_MAPS]; /* as asked for, with the address that they got */
	size_t map_count;
	uint64_t populated, populated_length; /* the last madvise(2), MADV_POPULATE_WRITE */
	struct launch_result result;

	/* its own */
	int fds[2], open;
	struct {
		uint64_t start, end;
		bool is_room; /* just to see where there is some */
	} regions[KERNEL_MAPS];
	size_t region_count;
	uint64_t *stack;
	size_t stack_words; /* with the room below */
};

/* A launcher with this configuration is started; kernel_done takes away what it has mapped. */
void kernel_start(struct kernel *kernel, const void *config, size_t size);
void kernel_done(struct kernel *kernel);

/* The auxiliary vector that the program gets; 0 where there is no such entry. */
uint64_t kernel_auxiliary(const struct kernel *kernel, uint64_t type);

#endif
