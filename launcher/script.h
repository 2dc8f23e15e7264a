/* SPDX-License-Identifier: MIT */
/* Scripts: what their first line asks for, and which program that is. */
#ifndef BRUN_SCRIPT_H
#define BRUN_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct file;
struct runtime_env;
struct sources;

/* A "#!" line as execve(2) and env(1) read it. */
struct script {
	const char *interpreter; /* "/bin/sh", or a plain name that env looks up: "python3" */
	const char *argument;	 /* words, '\n' between them; NULL: none */
	struct runtime_env *env; /* what env sets and unsets first */
	size_t env_count;
};

/* Reads the first line of `text`. NULL, or a sentence that says why no launcher can do the same.
 * The strings come from the sources' arena. */
const char *script_parse(
	struct sources *sources, const char *text, size_t length, struct script *ret_script);

/* The interpreter: one that ships with the output, by its path or else by its name (where the
 * output runs there may be no /usr/bin/perl); then the path in the other trees; then its name in
 * their bin directories. *ret_visible is its path from its source's top, links not followed. A
 * packed program stands for what is inside. NULL when nothing provides it. */
struct file *script_interpreter(
	struct sources *sources, const struct script *script, const char **ret_visible);

#endif
