/* SPDX-License-Identifier: MIT */
/* The launcher's configuration: written by the packer, read by the launcher out of its own image.
 * No libc: both halves include this. The byte format is described at the top of config.c. */
#ifndef BRUN_CONFIG_H
#define BRUN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A string inside the configuration: offset from its first byte, length without the NUL that
 * always follows. {0, 0} is the empty string. */
struct config_string {
	uint32_t offset, length;
};

enum config_kind {
	CONFIG_DYNAMIC = 1, /* program and interpreter are mapped */
	CONFIG_STATIC = 2,  /* the program alone: only environment operations to do */
	CONFIG_SCRIPT = 3,  /* like CONFIG_DYNAMIC; the program runs a script */
};

enum config_env_verb {
	CONFIG_ENV_DEFAULT = 1, /* only where unset */
	CONFIG_ENV_SET = 2,
	CONFIG_ENV_PREPEND = 3,
	CONFIG_ENV_APPEND = 4,
	CONFIG_ENV_UNSET = 5,
	CONFIG_ENV_BEHIND = 6, /* what the variable `separator` holds, ':', and value */
};

/* value may hold ${ROOT}, which stands for the output directory's absolute path. Operations are
 * applied in order, each sees the result of the one before. Where the variable is unset or empty,
 * PREPEND and APPEND set it to value alone. BEHIND sets it whatever it was, from
 * another variable; where that one is unset or empty, to value alone. */
struct config_env {
	uint32_t verb;
	struct config_string name, value, separator;
};

/* No more environment operations than this: the launcher keeps stack for them. */
enum { CONFIG_ENV_MAX = 256 };

/* All paths are relative: `up` leads from the launcher's directory to the output directory, ROOT
 * (".."; "" when they are the same). "Resources" is ROOT/brun-resources.d/ID. */
struct config {
	const unsigned char *data; /* the first byte: where the strings' offsets count from */
	enum config_kind kind;
	bool is_glibc;		      /* absolute names may be given to the interpreter */
	struct config_string up;      /* "..", "../..", "" */
	struct config_string id;      /* 16 hex digits */
	struct config_string program; /* from resources: "exe/curl"; "" when it is the payload */
	struct config_string interpreter; /* from resources, "" when static */
	struct config_string library_dir; /* from resources: "lib" */
	struct config_string runpath;	  /* the program's own $ORIGIN entries, ':'-joined */
	/* CONFIG_SCRIPT: argv becomes ROOT/argv0 (where that is "": the program's own path), then
	 * argument where it is not "", ROOT/script, and what the caller gave after argv[0]. */
	struct config_string argv0;    /* from ROOT: "bin/python3", the visible interpreter */
	struct config_string argument; /* the #! line's one argument */
	struct config_string script;   /* from ROOT, in the visible file's directory: "bin/.x" */
	/* The program itself in the launcher's own file (it reads data behind its last segment);
	 * the offset is a multiple of 64 KiB and the end is the file's end. {0, 0}: there is none.
	 */
	uint64_t payload_offset, payload_size;
	uint64_t debug; /* the interpreter's symbol _r_debug, for debuggers; 0 where it has none */
	const unsigned char *needed; /* closure in breadth-first order: config_needed_get */
	uint32_t needed_count;
	const unsigned char *env; /* config_env_get */
	uint32_t env_count;
};

/* Reads a configuration; every offset, length and count is checked, every string is NUL-ended
 * and holds no other NUL. NULL when it is good, else a sentence that says what is wrong. */
const char *config_parse(const void *data, size_t size, struct config *ret_config);

/* Entry i of the closure (i < needed_count): the name of a file in library_dir, or, with a slash
 * in it, a path from ROOT ("lib/libown.so.1", so that dladdr and $ORIGIN lead to the visible
 * file). The last component is the name that DT_NEEDED entries use. The interpreter stands at its
 * own place among them. */
struct config_string config_needed_get(const struct config *config, uint32_t i);

/* Environment operation i < env_count. */
struct config_env config_env_get(const struct config *config, uint32_t i);

#endif
