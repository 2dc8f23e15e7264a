/* SPDX-License-Identifier: MIT */
#include "plan/wording.h"

#include "plan/plan.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *doing, *done;
	bool is_notable;
} words[] = {
	[ACTION_FETCH] = {"fetching", "fetched", false},
	[ACTION_UNPACK] = {"unpacking", "unpacked", false},
	[ACTION_GLOB] = {"collecting", "collected", false},
	[ACTION_FILE] = {"writing", "wrote", false},
	[ACTION_MERGE] = {"merging", "merged", false},
	[ACTION_DEBIAN] = {"composing", "composed", true},
	[ACTION_FILTER] = {"selecting", "selected", false},
	[ACTION_RUN] = {"building", "built", true},
	[ACTION_PACK] = {"packing", "packed", true},
	[ACTION_TEST] = {"testing", "tested", true},
};

static const char *
last_part(const char *url)
{
	const char *slash = strrchr(url, '/');

	return slash && slash[1] ? slash + 1 : url;
}

const char *
wording_name(const struct action *action)
{
	if (action->name && *action->name) {
		return action->name;
	}
	if (action->kind == ACTION_FETCH && action->fetch.urls && action->fetch.urls[0]) {
		return last_part(action->fetch.urls[0]);
	}
	return action_kind_name(action->kind);
}

const char *
wording_doing(const struct action *action)
{
	return words[action->kind].doing;
}

const char *
wording_done(const struct action *action)
{
	return words[action->kind].done;
}

bool
wording_is_notable(const struct action *action)
{
	return words[action->kind].is_notable;
}
