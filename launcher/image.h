/* SPDX-License-Identifier: MIT */
/* Launcher files: the freestanding program of one architecture with a configuration in its
 * image. */
#ifndef BRUN_IMAGE_H
#define BRUN_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

struct buf;
struct err;
struct runtime_env;

/* What one launcher is told; the meaning of each field is config.h's. Strings that do not apply
 * may be NULL. */
struct image_spec {
	uint16_t machine; /* EM_X86_64, EM_AARCH64 */
	enum config_kind kind;
	bool is_glibc, is_searched;
	uint32_t written;
	/* in the bundle; but for CONFIG_RUN the program lies anywhere in the output */
	const char *up, *id, *program, *interpreter, *library_dir, *runpath;
	const char *argv0, *argument, *script; /* argument: words, '\n' between them */
	const void *payload; /* the whole program, laid at the launcher's end; NULL: in resources */
	size_t payload_size;
	uint64_t debug;		   /* config.h: of the interpreter */
	const char *const *needed; /* the closure in breadth-first order */
	const bool *is_named;	   /* for each: CONFIG_NAMED? NULL: none is */
	size_t needed_count;
	const struct runtime_env *env; /* values may hold ${ROOT} */
	size_t env_count;
};

/* Appends a launcher file to ret_file. Same spec, same bytes. STATUS_UNPACKABLE where there is no
 * launcher for the machine, or a string is too long for the format. */
int image_build(const struct image_spec *spec, struct buf *ret_file, struct err *err);

/* Is this file, of which all was read, a launcher of ours (of any version)? On true, *ret_config
 * points into data and *ret_why is NULL; where the configuration is damaged *ret_why is a
 * sentence. */
bool image_read(const void *data, size_t size, struct config *ret_config, const char **ret_why);

/* 16 hex digits that change whenever the launcher itself, as it was compiled, does. */
const char *image_launcher_version(void);

#endif
