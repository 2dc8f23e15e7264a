/* SPDX-License-Identifier: MIT */
/* What is known beforehand of each action of a plan. */
#ifndef BRUN_PLAN_STATE_H
#define BRUN_PLAN_STATE_H

struct buf;
struct plan;
struct walk;

/* Adds a "state" to each action of the plan's JSON, for plan_print:
 *
 *	"is"      "hit": its output is there; "miss": it would run; "unknown": it has no key yet,
 *	          and runs unless the one that it gets has a record; "known": its output is not
 *	          there, and nothing needs it, for what is made from it is; "unneeded": for this
 *	          output
 *	"key"     where it is known; fetches and globs have none
 *	"output"  where it is known: the id of the tree, or the SHA-256 of the file
 *	"until"   unknown: the indices of those of its inputs whose outputs decide */
void plan_state_add(struct plan *plan, const struct walk *walk);

/* One line an action that the wanted output rests on: key, whether it is there, kind and name. */
void plan_state_list(const struct plan *plan, const struct walk *walk, struct buf *text);

#endif
