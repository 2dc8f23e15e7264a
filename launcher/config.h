/* SPDX-License-Identifier: MIT */
/* The launcher's configuration: written by the packer, read by the launcher out of its own image.
 * No libc: both halves include this. The byte format is described at the top of config.c. */
#ifndef BRUN_CONFIG_H
#define BRUN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_kind {
	CONFIG_DYNAMIC = 1, /* program and interpreter are mapped */
	CONFIG_STATIC = 2,  /* the program alone: only environment operations to do */
	CONFIG_SCRIPT = 3,  /* like CONFIG_DYNAMIC; the program runs a script */
	CONFIG_RUN = 4,	    /* program is another launcher, which is executed to run a script */
};

/* The first byte of an operation's name. */
enum config_env_verb {
	CONFIG_ENV_DEFAULT = '1', /* only where unset */
	CONFIG_ENV_SET = '2',
	CONFIG_ENV_PREPEND = '3',
	CONFIG_ENV_APPEND = '4',
	CONFIG_ENV_UNSET = '5',
	CONFIG_ENV_BEHIND = '6', /* what the variable `separator` holds, ':', and value */
};

/* The first byte of a needed entry that names the interpreter; of one that libraries of the closure
 * name, too; of an argument that is a path. */
enum { CONFIG_LOADED = '=', CONFIG_NAMED = '+', CONFIG_PATH = '\r' };

/* No more environment operations than this, for the launcher keeps stack for them; nor levels. */
enum { CONFIG_ENV_MAX = 256, CONFIG_LEVELS_MAX = 1024 };

/* The first bytes, little-endian. */
struct config_head {
	char magic[8]; /* "brunlch4": the last byte is the format's version */
	uint32_t size; /* of all of it */
	uint32_t kind; /* enum config_kind */
	uint32_t flags;
	uint32_t argument_count, needed_count, env_count;
	uint32_t levels;  /* from the launcher's directory up to ROOT, the output directory */
	uint32_t written; /* bytes from the start of the program's data that ld.so writes to */
	/* The program itself in the launcher's own file (it reads data behind its last segment);
	 * the offset is a multiple of 64 KiB and the end is the file's end. 0, 0: there is none. */
	uint64_t payload_offset, payload_size;
	uint64_t debug; /* the interpreter's symbol _r_debug, for debuggers; 0 where it has none */
} __attribute__((packed));

/* flags: the interpreter is glibc's, and can be given absolute names; it looks for each library in
 * library_dir all the same. */
enum { CONFIG_GLIBC = 1, CONFIG_SEARCHED = 2 };

/* All paths are relative to ROOT. A string that does not apply is "". */
struct config {
	const struct config_head *head;
	const char *id;		 /* 16 hex digits; the bundle is brun-resources.d/ID */
	const char *program;	 /* "brun-resources.d/ID/exe/curl"; "" when it is the payload */
	const char *interpreter; /* "" when static, or CONFIG_RUN */
	const char *library_dir;
	const char *runpath; /* the program's own $ORIGIN entries, ':'-joined */
	/* CONFIG_SCRIPT, CONFIG_RUN: argv becomes ROOT/argv0 (where that is "": the program's own
	 * path), then the arguments, ROOT/script, and what the caller gave after argv[0]. */
	const char *argv0;  /* "bin/python3", the interpreter's launcher */
	const char *script; /* its text, elsewhere: ".bin.x/x" */
	/* Those of the #! line, argument_count strings (config_next); behind CONFIG_PATH a path. */
	const char *arguments;
	/* The closure in breadth-first order, needed_count strings (config_next): the name of a
	 * file in library_dir, or, with a slash in it, a path ("lib/libown.so.1", so that dladdr
	 * and $ORIGIN lead to the visible file). The last component is the name that DT_NEEDED
	 * entries use: it is put beside the path, for symbol versions go by it, but not behind
	 * CONFIG_NAMED, where another's DT_NEEDED does the same. The interpreter stands at its own
	 * place, behind CONFIG_LOADED. */
	const char *needed;
	/* env_count operations in order, each seeing the result of the one before
	 * (config_env_next). The value may hold ${ROOT}, which stands for the output directory's
	 * absolute path. Where the variable is unset or empty, PREPEND and APPEND set it to value
	 * alone. BEHIND sets it whatever it was, from another variable; where that one is unset or
	 * empty, to value alone. */
	const char *env;
};

/* Reads a configuration: counts fit, every string ends inside. All that the launcher needs to read
 * on without harm. */
bool config_view(const void *data, size_t size, struct config *ret_config);

/* The same, and that it is one, of this version, with which the launcher can do something. NULL
 * when it is good, else a sentence that says what is wrong. */
const char *config_parse(const void *data, size_t size, struct config *ret_config);

/* What is behind this string. */
const char *config_next(const char *string);

/* The operation that starts here; `rest` is where the next one does. */
struct config_env {
	char verb; /* enum config_env_verb */
	const char *name, *value, *separator, *rest;
};
struct config_env config_env_next(const char *strings);

#endif
