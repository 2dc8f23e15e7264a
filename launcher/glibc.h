/* SPDX-License-Identifier: MIT */
/* What glibc loads by itself beside libraries: locales and charset modules (gconv). The bundled
 * libc.so.6 looks for neither where the host keeps its own (rewrite.h): another glibc's locales may
 * even end the program. It is told by variables of its own where the bundle has them. */
#ifndef BRUN_GLIBC_H
#define BRUN_GLIBC_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct bundle;
struct closure;
struct entries;
struct err;
struct file;
struct runtime_env;
struct sources;
struct wrap;

/* The public variables, and the ones of the same length that a bundled libc reads in their place:
 * what a program starts with the host's libc goes on by the public ones. The ends are the same: the
 * linker has the string "PATH" as the end of one of these. */
#define GLIBC_LOCPATH	 "LOCPATH"
#define GLIBC_LOCALES	 "BRLPATH"
#define GLIBC_GCONV_PATH "GCONV_PATH"
#define GLIBC_CHARSETS	 "BRUNC_PATH"

/* Which of the two a program may ask for, and whether modules that it opens may, too. */
struct glibc_use {
	bool locales, charsets, modules;
};

/* By what the closure's objects import from libc. */
struct glibc_use glibc_uses(const struct closure *closure);

/* Is a file of a bundle ("lib/libc.so.6", "gconv/UTF-16.so") one of glibc's? */
bool glibc_is_own(const char *path);

/* What a module uses, a program that opens modules does. */
void glibc_use_add(struct glibc_use *use, struct glibc_use of_module);

/* Puts into the bundle what the closure's libc brings along of what is used, as far as the source
 * that it comes from has it: C.UTF-8 under the name of every language, and the charset modules that
 * glibc itself calls the core ones. */
int glibc_add(struct bundle *bundle, struct sources *sources, const struct closure *closure,
	struct glibc_use use, const char *user, struct err *err);

/* Is the bundle's C.UTF-8 to be found by the languages' names? Writes the links where it is. */
int glibc_write_links(const struct bundle *bundle, const char *top, int to_fd, struct err *err);

/* The operations for a program of that use: at most two, into ret_env; how many they are. Locales
 * and modules that the output itself ships come before the bundle's. */
size_t glibc_env(const struct bundle *bundle, const struct entries *entries, struct glibc_use use,
	struct arena *arena, struct runtime_env *ret_env);

#endif
