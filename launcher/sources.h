/* SPDX-License-Identifier: MIT */
/* The trees that the packer draws from, and the files in them. A path is looked up as the programs
 * of a tree would see it; no symlink ever leads out of its source. */
#ifndef BRUN_SOURCES_H
#define BRUN_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/sha256.h"
#include "classify.h"
#include "elf.h"

struct changes;
struct err;
struct owner;
struct pack_source;

struct source {
	int fd;			   /* borrowed */
	const char *prefix;	   /* "/brun"; "" for a root file system */
	const char *label;	   /* for people */
	bool is_shipped;	   /* its files lie in the output at the same paths */
	const char **library_dirs; /* libdirs_find: where a loader looks by default */
	size_t library_dir_count;
};

/* A regular file of a source; one struct a file, however it was reached. */
struct file {
	const struct source *source;
	const char *path; /* canonical: no symlink on the way */
	dev_t device;
	ino_t inode;
	mode_t mode;
	nlink_t links;
	uint64_t size;
	enum file_class class;
	const char *why;	   /* FILE_OTHER: why an ELF file is none to us, or NULL */
	const unsigned char *data; /* mapped; NULL: not an ELF file, or empty */
	struct elf elf;		   /* good where file_class_is_elf says so */
	const char *soname, *rpath, *runpath, *interpreter; /* NULL when there is none */
	const struct owner *owner; /* whose it is in the distribution: owners.h; or NULL */
	bool has_digest;
	struct digest digest;
};

struct sources {
	struct source *items; /* in the order in which they are searched */
	size_t count;
	void *files; /* tsearch tree of struct file by source and path */
	struct arena arena;
};

/* Takes up to `count` sources, which sources_add gives back. */
void sources_init(struct sources *sources, size_t count);
struct source *sources_add(
	struct sources *sources, const struct pack_source *source, bool is_shipped);
void sources_done(struct sources *sources);

/* Follows the symlinks of a path (from the source's top, or absolute as its programs see it) by
 * the source's own rules. The canonical path ("" is the top), or NULL where it leads nowhere. */
const char *source_resolve(struct sources *sources, const struct source *source, const char *path);

/* The part of an absolute path that lies below the source's prefix, or NULL. */
const char *source_strip(const struct source *source, const char *absolute);

/* The regular file at a path that source_resolve gave, classified; NULL when it is none. */
struct file *source_file(
	struct sources *sources, const struct source *source, const char *canonical);

/* The regular file that a path leads to by way of source_resolve, or NULL. */
struct file *source_lookup(struct sources *sources, const struct source *source, const char *path);

/* The file that a path as programs see it (absolute) names: the first source that has it.
 * *ret_visible, unless NULL, is the path from that source's top before symlinks were followed. */
struct file *sources_find(struct sources *sources, const char *absolute, const char **ret_visible);

/* Opens a file for reading, with no symlink anywhere on the way. -1 and err. */
int file_open(const struct file *file, struct err *err);

/* The contents' digest; computed once. */
int file_digest(struct file *file, struct err *err);

/* Do both hold the same? 1, 0, or -1 and err. */
int file_same(struct file *a, struct file *b, struct err *err);

/* Writes its bytes, with some changes or none, to a new file below to_fd. */
int file_copy(const struct file *file, const struct changes *changes, int to_fd, const char *path,
	mode_t mode, struct err *err);

#endif
