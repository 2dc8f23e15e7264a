/* SPDX-License-Identifier: MIT */
#include "build/chain.h"

#include "base/buf.h"
#include "base/cancel.h"
#include "base/mem.h"
#include "build/walk.h"
#include "cache/push.h"
#include "cache/statement.h"
#include "cache/substitute.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "store/record.h"
#include "store/store_lease.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

/* More than processors: nobody computes here, all wait for a server. As many as cache-helper has
 * workers: a server that says nothing is waited for once. */
enum { ASKED_AT_ONCE = 8 };

struct question {
	size_t index;
	bool is_answered;
	struct statement statement;
};

/* The questions whose answers do not hang on each other. */
struct level {
	const struct walk *walk;
	const struct substitute *substitute;
	struct question *questions;
	size_t count, next;
};

bool
chain_is_shared(const struct plan *plan, size_t index, size_t wanted)
{
	enum action_kind kind = plan->actions[index].kind;

	return index == wanted || kind == ACTION_RUN || kind == ACTION_PACK || kind == ACTION_TEST;
}

void
chain_record(const struct action *action, const struct digest *input_ids,
	const struct statement *statement, struct buf *components, struct record *ret_record)
{
	*ret_record = (struct record){
		.key = plan_key(action, input_ids, components),
		.output = statement->output,
		.name = (char *)wording_name(action),
		.components = components->data,
		.wall_ms = statement->wall_ms,
		.user_ms = statement->user_ms,
		.system_ms = statement->system_ms,
		.peak_memory = statement->peak_memory,
		.written_bytes = statement->written_bytes,
		.finished = statement->finished,
	};
}

static void
note(const struct level *level, const struct question *question)
{
	cleanup_buf struct buf components = {0};
	cleanup_free struct digest *ids = walk_input_ids(level->walk, question->index);
	struct record record;

	chain_record(&level->walk->plan->actions[question->index], ids, &question->statement,
		&components, &record);
	/* Without it the next build asks again. */
	(void)store_note_record(level->substitute->store, &record, NULL);
}

static void *
ask(void *context)
{
	struct level *level = context;

	for (;;) {
		size_t i = __atomic_fetch_add(&level->next, 1, __ATOMIC_RELAXED);
		if (i >= level->count) {
			return NULL;
		}
		struct question *question = &level->questions[i];
		const struct walk_node *node = &level->walk->nodes[question->index];
		question->is_answered =
			substitute_find(level->substitute, &node->key, &question->statement) == 1;
		if (question->is_answered) {
			note(level, question);
		}
	}
}

static void
ask_all(struct level *level)
{
	pthread_t threads[ASKED_AT_ONCE - 1];
	size_t started = 0;

	while (started < ASKED_AT_ONCE - 1 && started + 1 < level->count &&
		pthread_create(&threads[started], NULL, ask, level) == 0) {
		started++;
	}
	ask(level);
	for (size_t i = 0; i < started; i++) {
		pthread_join(threads[i], NULL);
	}
}

static void
collect(struct walk *walk, struct level *level)
{
	level->count = level->next = 0;
	for (size_t i = walk_next_unknown(walk, 0); i != SIZE_MAX;
		i = walk_next_unknown(walk, i + 1)) {
		if (!walk->nodes[i].is_nowhere) {
			level->questions[level->count++] = (struct question){.index = i};
		}
	}
}

/* An answer without an archive is one all the same: the id is good, the tree is not to be had. */
static void
learn(struct walk *walk, const struct question *question)
{
	struct walk_node *node = &walk->nodes[question->index];

	if (question->is_answered) {
		walk_learn(walk, question->index, &question->statement.output);
	}
	node->is_nowhere = !question->is_answered || !question->statement.has_archive;
}

static void
mark_pullable(struct walk *walk)
{
	for (size_t i = 0; i <= walk->wanted; i++) {
		struct walk_node *node = &walk->nodes[i];
		node->is_pullable = node->is_reachable && node->has_key && node->has_id &&
				    !node->is_there && !node->is_nowhere &&
				    chain_is_shared(walk->plan, i, walk->wanted);
	}
}

void
chain_learn(struct walk *walk, const struct substitute *substitute)
{
	struct level level = {
		.walk = walk,
		.substitute = substitute,
		.questions = mem_zalloc(walk->wanted + 1, sizeof(*level.questions)),
	};

	do {
		collect(walk, &level);
		ask_all(&level);
		for (size_t i = 0; i < level.count; i++) {
			learn(walk, &level.questions[i]);
		}
	} while (level.count && !cancel_is_asked(substitute->cancel_fd));
	free(level.questions);
	mark_pullable(walk);
}

void
chain_push(const struct walk *walk, struct pusher *pusher)
{
	for (size_t i = 0; i <= walk->wanted; i++) {
		const struct walk_node *node = &walk->nodes[i];
		struct record record;
		if (!node->is_reachable || !node->has_key || node->is_pushed ||
			store_peek_record(walk->store, &node->key, &record, NULL) != 1) {
			continue;
		}
		bool with_tree = chain_is_shared(walk->plan, i, walk->wanted) &&
				 store_hold_tree(walk->store, &record.output, NULL) == 1;
		pusher_add(pusher, &record, with_tree);
		record_done(&record);
	}
}
