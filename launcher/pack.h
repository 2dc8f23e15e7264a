/* SPDX-License-Identifier: MIT */
/* The packer: makes a tree of programs portable. What comes out is described in pack.c. */
#ifndef BRUN_PACK_H
#define BRUN_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct runtime_env;

/* Part of every pack action's key, beside image_launcher_version: raise it when the bytes that come
 * out change. tests/unit/pack_version.c notices when they do, by the digest of the rules and of
 * what comes out of a fixed tree: raise the one and set the other. */
#define PACK_VERSION "27"
#define PACK_PINNED  "ed500496ea359f6a4491e0c16343779c05f92b2d9ed8ed51a68dd1fb56a12cbc"

/* A directory to draw libraries and interpreters from. */
struct pack_source {
	int fd;
	const char *prefix; /* where its top lies for its own programs: "/brun" or "/" */
	const char *label;  /* for pack.json and messages: "curl", "dependencies", "base" */
};

struct pack_spec {
	struct pack_source package; /* what is packed; all of it is copied, but: */
	/* NULL, or the paths (absolute as the package's programs see them; NULL-terminated) of the
	 * only files to take: PATH/NAME comes out as bin/NAME. For programs that no recipe built:
	 * the package is then the root they live in, prefix "/", and a source at the same time. */
	const char *const *programs;
	const struct pack_source *runtime; /* trees laid beside it in the output */
	size_t runtime_count;
	const struct pack_source *sources; /* dependencies, then base: searched in this order */
	size_t source_count;
	const struct runtime_env *env; /* runtime.h */
	size_t env_count;
	const char *const *libs; /* NULL-terminated sonames opened at run time; may be NULL */
	bool no_rules;		 /* take nothing along by the rules of rules.h */
};

struct pack_report {
	size_t programs, libraries, scripts, static_programs; /* how many are in the output */
	uint64_t bytes;					      /* of the output, in all */
	uint64_t library_bytes, glibc_bytes;		      /* of those: the bundled ones' */
	char *warnings; /* one a line, heap; NULL when there are none */
};

/* Packs into the empty directory to_fd. STATUS_UNPACKABLE names the program, the library and
 * where it was looked for. Same input, same bytes out; a packed tree comes out unchanged. */
int pack_tree(
	const struct pack_spec *spec, int to_fd, struct pack_report *ret_report, struct err *err);

/* Frees what is in the report. */
void pack_report_done(struct pack_report *report);

/* Appends what a launcher or a packed directory holds, for `brun inspect`: as text, or as JSON.
 * STATUS_USAGE where the path is neither a file nor a directory. */
int pack_inspect(const char *path, bool is_json, struct buf *ret_text, struct err *err);

#endif
