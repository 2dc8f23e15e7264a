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
	CONFIG_STATIC =
		2, /* the program alone: it has no interpreter, but environment operations */
	CONFIG_SCRIPT =
		3, /* program is the script's interpreter; script and argument follow argv[0] */
};

enum config_env_verb {
	CONFIG_ENV_DEFAULT = 1, /* only where unset */
	CONFIG_ENV_SET = 2,
	CONFIG_ENV_PREPEND = 3,
	CONFIG_ENV_APPEND = 4,
	CONFIG_ENV_UNSET = 5,
};

/* value is cut at ${ROOT} by the packer: pieces are joined with the output directory's path. */
struct config_env {
	uint32_t verb;
	struct config_string name, value, separator;
};

/* All paths are relative: `up` leads from the launcher's directory to the output directory ("..";
 * "" when they are the same); the others start at the resources (ROOT/brun-resources.d/ID). */
struct config {
	enum config_kind kind;
	struct config_string up;	  /* "..", "../..", "" */
	struct config_string id;	  /* 16 hex digits */
	struct config_string program;	  /* "exe/curl" */
	struct config_string interpreter; /* "lib/ld-linux-x86-64.so.2", "" when static */
	struct config_string library_dir; /* "lib" */
	struct config_string
		runpath; /* kept $ORIGIN entries of the program, ':'-joined, "" if none */
	struct config_string script; /* CONFIG_SCRIPT: from ROOT, "share/brun-scripts/x"; else "" */
	struct config_string argument; /* CONFIG_SCRIPT: the shebang's one argument, or "" */
	bool is_glibc;		       /* absolute names may be given to the interpreter */
	const unsigned char *needed;   /* closure in breadth-first order: config_needed_get */
	uint32_t needed_count;
	const unsigned char *env; /* config_env_get */
	uint32_t env_count;
};

/* Reads a configuration; every offset, length and count is checked, every string is NUL-ended
 * and holds no other NUL. NULL when it is good, else a sentence that says what is wrong. */
const char *config_parse(const void *data, size_t size, struct config *ret_config);

/* The soname of entry i of the closure (i < needed_count), and env operation i. */
struct config_string config_needed_get(const struct config *config, uint32_t i);
struct config_env config_env_get(const struct config *config, uint32_t i);

#endif
