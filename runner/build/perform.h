/* SPDX-License-Identifier: MIT */
/* Doing one action whose inputs are all there: a function a kind. */
#ifndef BRUN_PERFORM_H
#define BRUN_PERFORM_H

#include <stddef.h>
#include <stdint.h>

struct action;
struct build_options;
struct digest;
struct err;
struct fetcher;
struct pack_report;
struct plan;
struct step_figures;
struct store;

struct perform {
	struct store *store;
	const struct plan *plan;
	const struct build_options *options;
	struct fetcher *fetcher;
	const struct action *action;
	const struct digest *key; /* NULL for a fetch */
	const struct digest *input_ids;
	void (*fetched)(void *context, uint64_t done, uint64_t total);
	void (*output)(void *context, const char *text, size_t length);
	void (*packed)(void *context, const struct pack_report *report);
	void *context;
};

/* Does it, and leaves its output in the store. What a step took is added to figures, also where it
 * fails; nothing for all else. Errors say which action and where it is defined. */
int perform_action(const struct perform *what, struct digest *ret_id, struct step_figures *figures,
	struct err *err);

#endif
