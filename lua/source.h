/* SPDX-License-Identifier: MIT */
/* The texts of recipes, and where in them a field of a call stands. */
#ifndef BRUN_SOURCE_H
#define BRUN_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

struct source {
	char *display; /* as a person would open it: "recipes/curl.lua" */
	char *where;   /* from the root: "curl.lua", "library/curl.lua" */
	char *dir;     /* directory of the recipe's own files, from the root; "." or a name */
	char *root;    /* absolute directory that siblings are looked for in */
	bool is_library;
	char *text;
	size_t length;
	struct source *next;
};

/* A list of texts. Zero-initialise; source_drop frees. */
struct sources {
	struct source *first;
};

/* Takes the source (heap, as its members). */
void source_add(struct sources *sources, struct source *take_source);
void source_drop(struct sources *sources);

/* The source whose `where` this is, or NULL. */
const struct source *source_get(const struct sources *sources, const char *where);

/* A position: both start at 1, columns are counted in code points. */
struct spot {
	size_t line, column;
};

/* One step from a table to a value in it: name, or (NULL) the index of a positional value. */
struct step_to {
	const char *name;
	size_t index;
};

/* Where the field lies that `path` leads to in the table that is given to the call of `call`
 * (a name, or NULL) in `line` or a bit below. What can't be followed in the text ends at the last
 * thing that could: the call's name, or the line's first word. */
struct spot source_find(const struct source *source, size_t line, const char *call,
	const struct step_to *path, size_t path_length);

/* Where a word stands for the last time; the first line where it does not. */
struct spot source_find_last(const struct source *source, const char *word);

/* The text of a line without its end; not terminated. NULL where there is no such line. */
const char *source_line(const struct source *source, size_t line, size_t *ret_length);

#endif
