/* SPDX-License-Identifier: MIT */
/* The actions that an evaluation asks for: each once, by contents. */
#ifndef BRUN_ACTIONS_H
#define BRUN_ACTIONS_H

#include <stddef.h>

struct buf;
struct json_t;

/* Zero-initialise; actions_done frees. */
struct actions {
	struct json_t *list;	/* array of plan actions */
	struct json_t *indices; /* object: canonical text -> index */
	size_t bytes;		/* of all canonical texts */
};

/* Adds an action (taken; without name and where) and returns its index, or that of an equal one
 * which is there already. name and where are for people: the first asker's stay. */
size_t actions_add(
	struct actions *actions, struct json_t *take_action, const char *name, const char *where);

/* The kind of an action, and the indices of its inputs. */
const char *actions_kind(const struct actions *actions, size_t index);
size_t actions_input_count(const struct actions *actions, size_t index);
size_t actions_input(const struct actions *actions, size_t index, size_t at);

/* An action, borrowed. Its name and urls may be changed in place, for they are in no key. */
struct json_t *actions_get(const struct actions *actions, size_t index);

/* The first fetch that the outputs ({name: index}) need and whose address still has a "${", or
 * NULL. */
struct json_t *actions_unfilled(const struct actions *actions, struct json_t *outputs);

/* Appends the plan's text: what the outputs ({name: index}; taken) need, in the order it was
 * added, renumbered. about ({name: text}; taken) may be empty. */
void actions_plan(const struct actions *actions, struct json_t *take_outputs,
	struct json_t *take_about, struct buf *ret_plan);

void actions_done(struct actions *actions);

#endif
