/* SPDX-License-Identifier: MIT */
/* The part of the recipe language that is written in Lua, embedded at build time (embed.c). */
#ifndef BRUN_PRELUDE_H
#define BRUN_PRELUDE_H

#include <stddef.h>

struct prelude {
	const char *name; /* "package.lua"; NULL ends the list */
	const char *text;
	size_t length;
};

/* In the order they are run in; each gets the table `native` and adds to it. */
extern const struct prelude preludes[];

#endif
