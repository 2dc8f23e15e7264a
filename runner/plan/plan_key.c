/* SPDX-License-Identifier: MIT */
/* The text that is hashed: an action's JSON with sorted keys and no spaces, in which
 *
 *	- name, where, urls and limits are left out, for a step cannot see them,
 *	- fields that say what is the default anyway (false, 0, [], {}) are left out,
 *	- each input is ["role", "output id"],
 *	- "sandbox" (run, test) or "packer" and "launcher" (pack) are the versions of what does the
 *	  work. */
#include "base/buf.h"
#include "base/mem.h"
#include "launcher/image.h"
#include "launcher/pack.h"
#include "plan/plan.h"
#include "sandbox/sandbox.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

static bool
is_default(const json_t *value)
{
	return json_is_false(value) || (json_is_integer(value) && !json_integer_value(value)) ||
	       (json_is_array(value) && !json_array_size(value)) ||
	       (json_is_object(value) && !json_object_size(value));
}

/* Drops defaults from an object and from the objects in its arrays (a test's steps). */
static void
drop_defaults(json_t *value)
{
	const char *key;
	json_t *member;
	void *next;
	size_t i;

	json_array_foreach(value, i, member)
	{
		drop_defaults(member);
	}
	json_object_foreach_safe(value, next, key, member)
	{
		if (is_default(member)) {
			json_object_del(value, key);
		} else {
			drop_defaults(member);
		}
	}
}

static json_t *
input_list(const struct action *action, const struct digest *input_ids)
{
	json_t *list = json_array();

	for (size_t i = 0; i < action->input_count; i++) {
		char hex[DIGEST_HEX];
		json_array_append_new(list,
			json_pack("[ss]", action->inputs[i].role, digest_hex(&input_ids[i], hex)));
	}
	return list;
}

static void
add_versions(const struct action *action, json_t *object)
{
	if (action->kind == ACTION_RUN || action->kind == ACTION_TEST) {
		json_object_set_new(object, "sandbox", json_string(SANDBOX_VERSION));
	}
	if (action->kind == ACTION_PACK) {
		json_object_set_new(object, "packer", json_string(PACK_VERSION));
		json_object_set_new(object, "launcher", json_string(image_launcher_version()));
	}
}

struct digest
plan_key(const struct action *action, const struct digest *input_ids, struct buf *ret_components)
{
	static const char *const unseen[] = {"name", "where", "urls", "limits", "inputs"};
	json_t *object = json_deep_copy(action->body);

	for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++) {
		json_object_del(object, unseen[i]);
	}
	drop_defaults(object);
	add_versions(action, object);
	if (action->input_count) {
		json_object_set_new(object, "inputs", input_list(action, input_ids));
	}
	cleanup_free char *text = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT);
	json_decref(object);
	assert(text); /* what was parsed can be printed */
	if (ret_components) {
		buf_puts(ret_components, text);
	}
	return sha256_of(text, strlen(text));
}
