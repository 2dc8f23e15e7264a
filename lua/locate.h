/* SPDX-License-Identifier: MIT */
/* Which file a recipe's name means. */
#ifndef BRUN_LOCATE_H
#define BRUN_LOCATE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct inside;
struct source;

/* The main recipe, as the caller named it. Zero-initialise; place_done frees. */
struct place {
	char *file;	   /* absolute */
	char *display;	   /* as it was named, or from the current directory: "recipes/curl.lua" */
	char *display_dir; /* what goes before a sibling's name: "recipes/" */
	char *dir;	   /* of the recipe's own files, from the root; "." or a name */
	char *root;	   /* absolute; siblings lie in it */
};

/* STATUS_RECIPE where there is no such recipe, with the nearest name that is there. */
int locate_main(const char *recipe, struct place *ret_place, struct err *err);
void place_done(struct place *place);

/* eval_nearest. */
char *locate_nearest(const char *recipe);

/* How a person is shown a path: from the current directory where it lies in it. Heap. */
char *locate_shown(const char *path);

/* Reads an absolute path and notes that it was looked for. 1: read, 0: not there, -1: err. */
int locate_read(struct inside *inside, const char *path, char **ret_text, size_t *ret_length,
	struct err *err);

/* Is there such a file? Notes that it was looked for. */
bool locate_exists(struct inside *inside, const char *path);

/* Finds and reads the recipe NAME for the recipe `from`: beside it, then in the library. 1 and the
 * source (heap), 0 not there, -1 err. */
int locate_sibling(struct inside *inside, const struct source *from, const char *name,
	struct source **ret_source, struct err *err);

/* All names that locate_sibling would find, sorted or not, with repeats; a heap array of heap
 * strings. */
char **locate_names(struct inside *inside, const struct source *from, size_t *ret_count);

#endif
