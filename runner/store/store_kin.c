/* SPDX-License-Identifier: MIT */
#include "store/store_kin.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "plan/component_diff.h"
#include "store/record.h"
#include "tree/parallel.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct search {
	int dir;
	char **names;
	struct kin *kin;
	size_t count;
	pthread_mutex_t mutex; /* kin's results */
};

static bool
has_kind(const char *components, const char *kind)
{
	cleanup_free char *text = mem_printf("\"kind\":\"%s\"", kind);

	return strstr(components, text) != NULL;
}

/* Takes the record where it is nearer than what was found so far. */
static void
offer(struct search *search, struct kin *kin, struct record *record)
{
	int differences = component_diff(record->components, kin->components, NULL, NULL);

	if (differences < 0) {
		return;
	}
	pthread_mutex_lock(&search->mutex);
	bool is_nearer =
		!kin->is_found || differences < kin->differences ||
		(differences == kin->differences && record->finished > kin->record.finished);
	if (is_nearer) {
		record_done(&kin->record);
		kin->record = *record;
		kin->record.name = mem_strdup(record->name);
		kin->record.components = mem_strdup(record->components);
		kin->is_found = true;
		kin->differences = differences;
	}
	pthread_mutex_unlock(&search->mutex);
}

static int
look_at(void *context, size_t index, struct err *err)
{
	struct search *search = context;
	cleanup_buf struct buf text = {0};
	struct record record;

	(void)err;
	/* What went in the meantime, or is damaged, is nobody's kin. */
	if (fs_read_at(search->dir, search->names[index], RECORD_MAX, &text, NULL) < 0 ||
		record_parse(buf_text(&text), text.length, &record, NULL) < 0) {
		return 0;
	}
	for (size_t i = 0; i < search->count; i++) {
		if (strcmp(search->kin[i].name, record.name) == 0 &&
			has_kind(record.components, search->kin[i].kind)) {
			offer(search, &search->kin[i], &record);
		}
	}
	record_done(&record);
	return 0;
}

int
store_find_kin(struct store *store, struct kin *kin, size_t count, struct err *err)
{
	struct search search = {.kin = kin, .count = count, .mutex = PTHREAD_MUTEX_INITIALIZER};
	cleanup_fd int dir = fs_open_dir(store_fd(store), "actions", err);
	cleanup_free char **names = NULL;
	size_t name_count = 0;

	if (dir < 0 || fs_list_dir(dir, &names, &name_count, err) < 0) {
		return err_wrap(err, "'%s/actions'", store_path(store));
	}
	search.dir = dir;
	search.names = names;
	return parallel_each(name_count, (uint64_t)name_count << 14, look_at, &search, err);
}
