/* SPDX-License-Identifier: MIT */
#include "store/store_repair.h"

#include "base/mem.h"
#include "base/random.h"
#include "base/sha256.h"
#include "store/store_census.h"
#include "store/store_lease.h"
#include "store/store_room.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

/* trash/ may hold another one of the same name. */
static int
set_aside(struct store *store, const char *path)
{
	const char *slash = strrchr(path, '/');

	cleanup_free char *name =
		mem_printf("damaged-%.150s-%016" PRIx64, slash ? slash + 1 : path, random_number());
	return store_set_aside(store, path, name, NULL);
}

static bool
is_held(struct store *store, const struct digest *id)
{
	struct digest *held = NULL;
	size_t count = 0;
	bool is_found = store_held(store, &held, &count, NULL) < 0;

	for (size_t i = 0; i < count && !is_found; i++) {
		is_found = digest_equal(&held[i], id);
	}
	free(held);
	return is_found;
}

static int
forget_makers(struct store *store, const struct census *census, const struct digest *id)
{
	int result = 0;

	for (size_t i = 0; i < census->record_count && result == 0; i++) {
		const struct census_record *record = &census->records[i];
		if (record->has_output && digest_equal(&record->output, id)) {
			struct store_name name = store_name("actions", &record->key, ".json");
			result = set_aside(store, name.text);
		}
	}
	return result;
}

enum audit_repair
repair_tree(struct store *store, const struct census *census, const struct digest *id)
{
	enum audit_repair repair = AUDIT_IN_USE;

	if (store_gate(store, LOCK_EX, NULL) < 0) {
		return AUDIT_LEFT;
	}
	if (!is_held(store, id)) {
		bool is_done = forget_makers(store, census, id) == 0 &&
			       set_aside(store, store_name("trees", id, "").text) == 0 &&
			       set_aside(store, store_name("manifests", id, "").text) == 0;
		repair = is_done ? AUDIT_SET_ASIDE : AUDIT_LEFT;
	}
	(void)store_gate(store, LOCK_UN, NULL);
	return repair;
}

enum audit_repair
repair_blob(struct store *store, const struct digest *id)
{
	enum audit_repair repair = AUDIT_IN_USE;

	if (store_gate(store, LOCK_EX, NULL) < 0) {
		return AUDIT_LEFT;
	}
	if (!is_held(store, id)) {
		repair = set_aside(store, store_name("blobs", id, "").text) == 0 ? AUDIT_SET_ASIDE
										 : AUDIT_LEFT;
	}
	(void)store_gate(store, LOCK_UN, NULL);
	return repair;
}

enum audit_repair
repair_path(struct store *store, const char *path)
{
	return set_aside(store, path) == 0 ? AUDIT_SET_ASIDE : AUDIT_LEFT;
}
