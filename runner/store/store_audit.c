/* SPDX-License-Identifier: MIT */
#include "store/store_audit.h"

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/record.h"
#include "store/store_census.h"
#include "store/store_lock.h"
#include "store/store_repair.h"
#include "store/store_room.h"
#include "tree/inodes.h"
#include "tree/parallel.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct audit {
	struct store *store;
	const struct audit_options *options;
	struct census census;
	struct inodes inodes;
	pthread_mutex_t mutex; /* result, and one report at a time */
	struct audit_result result;
};

static int
check_cancel(const struct audit *audit, struct err *err)
{
	return cancel_is_asked(audit->options->cancel_fd)
		       ? err_fail(err, STATUS_INTERRUPTED, "stopped in the middle")
		       : 0;
}

static void
report(struct audit *audit, const struct audit_problem *problem)
{
	pthread_mutex_lock(&audit->mutex);
	audit->result.problems++;
	audit->result.repaired += problem->repair == AUDIT_SET_ASIDE;
	audit->options->report(audit->options->context, problem);
	pthread_mutex_unlock(&audit->mutex);
}

/* Advice for one who stumbled over it is not for one who looks through all. */
static void
first_line(struct err *err)
{
	err->text[strcspn(err->text, "\n")] = '\0';
}

/* Was it this process that came short of something, and not the store that is wrong? */
static bool
is_passing(const struct err *why)
{
	return why->number == EMFILE || why->number == ENFILE || why->number == ENOMEM ||
	       why->number == EINTR || why->number == EAGAIN;
}

static int
check_tree(struct audit *audit, const struct digest *id, struct err *err)
{
	struct tree tree = {0};
	int found = store_get_tree(audit->store, id, &tree, err);

	if (found <= 0) {
		return found < 0 ? -1 : err_set(err, 0, "it has no manifest");
	}
	cleanup_fd int fd = fs_open_dir(audit->store->fd, store_name("trees", id, "").text, err);
	int result = fd < 0 ? -1 : tree_verify_stored(&tree, fd, &audit->inodes, err);
	tree_done(&tree);
	return result;
}

static int
audit_tree(void *context, size_t index, struct err *err)
{
	struct audit *audit = context;
	const struct digest *id = &audit->census.trees[index].id;
	struct store_name path = store_name("trees", id, "");
	struct err why = {0};

	if (check_cancel(audit, err) < 0) {
		return -1;
	}
	if (check_tree(audit, id, &why) == 0) {
		return 0;
	}
	if (is_passing(&why)) {
		*err = why;
		return -1;
	}
	/* A tree without a manifest, and without a record, is what a killed run left. */
	bool is_left_over = !store_has_tree(audit->store, id) && !census_maker(&audit->census, id);
	if (is_left_over) {
		return 0;
	}
	cleanup_free char *name = census_maker_name(&audit->census, audit->store, id);
	first_line(&why);
	const struct audit_problem problem = {.what = "tree",
		.path = path.text,
		.name = name,
		.why = why.text,
		.repair = audit->options->repairs ? repair_tree(audit->store, &audit->census, id)
						  : AUDIT_LEFT};
	report(audit, &problem);
	return 0;
}

static int
check_blob(struct audit *audit, const struct digest *id, struct err *err)
{
	struct digest found;
	struct stat st;
	cleanup_fd int fd = openat(audit->store->fd, store_name("blobs", id, "").text,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		return err_set(err, errno, "open");
	}
	if (sha256_fd(fd, &found, err) < 0) {
		return -1;
	}
	inodes_add(&audit->inodes, 0, &found, (uint64_t)st.st_size);
	return digest_equal(&found, id) ? 0 : err_set(err, 0, "its SHA-256 is not its name");
}

static int
audit_blob(void *context, size_t index, struct err *err)
{
	struct audit *audit = context;
	const struct digest *id = &audit->census.blobs[index].id;
	struct store_name path = store_name("blobs", id, "");
	struct err why = {0};

	if (check_cancel(audit, err) < 0) {
		return -1;
	}
	if (check_blob(audit, id, &why) == 0) {
		return 0;
	}
	if (is_passing(&why)) {
		*err = why;
		return -1;
	}
	const struct audit_problem problem = {.what = "fetched file",
		.path = path.text,
		.name = "",
		.why = why.text,
		.repair = audit->options->repairs ? repair_blob(audit->store, id) : AUDIT_LEFT};
	report(audit, &problem);
	return 0;
}

static bool
is_step(const struct record *record)
{
	return strstr(record->components, "\"kind\":\"run\"") ||
	       strstr(record->components, "\"kind\":\"test\"");
}

static void
count(struct audit *audit, size_t *counter)
{
	pthread_mutex_lock(&audit->mutex);
	(*counter)++;
	pthread_mutex_unlock(&audit->mutex);
}

static int
check_parsed(
	struct audit *audit, const struct digest *key, const struct record *record, struct err *err)
{
	struct digest components = sha256_of(record->components, strlen(record->components));

	if (!digest_equal(&record->key, key)) {
		return err_set(err, 0, "it is the record of another key");
	}
	if (!digest_equal(&components, key)) {
		return err_set(err, 0, "its key is not the hash of its components");
	}
	struct store_name log = store_name("logs", key, ".log");
	if (is_step(record) && faccessat(audit->store->fd, log.text, F_OK, 0) < 0) {
		count(audit, &audit->result.logless);
	}
	if (!store_has_tree(audit->store, &record->output)) {
		count(audit, &audit->result.treeless);
	}
	return 0;
}

/* *ret_name is the caller's to free. */
static int
check_record(struct audit *audit, const struct digest *key, char **ret_name, struct err *err)
{
	cleanup_buf struct buf text = {0};
	struct record record;

	if (fs_read_at(audit->store->fd, store_name("actions", key, ".json").text, RECORD_MAX,
		    &text, err) < 0) {
		return err && err->number == ENOENT ? 0 : -1;
	}
	if (record_parse(buf_text(&text), text.length, &record, err) < 0) {
		return -1;
	}
	int result = check_parsed(audit, key, &record, err);
	*ret_name = steal(record.name);
	record_done(&record);
	return result;
}

static int
audit_record(void *context, size_t index, struct err *err)
{
	struct audit *audit = context;
	const struct digest *key = &audit->census.records[index].key;
	struct store_name path = store_name("actions", key, ".json");
	cleanup_free char *name = NULL;
	struct err why = {0};

	if (check_cancel(audit, err) < 0) {
		return -1;
	}
	if (check_record(audit, key, &name, &why) == 0) {
		return 0;
	}
	if (is_passing(&why)) {
		*err = why;
		return -1;
	}
	const struct audit_problem problem = {.what = "record",
		.path = path.text,
		.name = name ? name : "",
		.why = why.text,
		.repair = audit->options->repairs ? repair_path(audit->store, path.text)
						  : AUDIT_LEFT};
	report(audit, &problem);
	return 0;
}

/* Folders whose names follow a rule: HEX and a suffix. */
static const struct folder {
	const char *name, *suffix;
	mode_t type;
} folders[] = {{"trees", "", S_IFDIR}, {"manifests", "", S_IFREG}, {"blobs", "", S_IFREG},
	{"actions", ".json", S_IFREG}, {"logs", ".log", S_IFREG}};

/* Siblings of files that are being written are left to the next who writes them. */
static bool
belongs(int dir, const struct folder *folder, const char *name)
{
	cleanup_free char *hex = mem_strndup(name, DIGEST_HEX - 1);
	struct digest digest;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		return errno == ENOENT;
	}
	if (!digest_parse(hex, &digest) || (st.st_mode & S_IFMT) != folder->type) {
		return false;
	}
	const char *suffix = name + DIGEST_HEX - 1;
	size_t length = strlen(folder->suffix);
	return strncmp(suffix, folder->suffix, length) == 0 &&
	       (suffix[length] == '\0' || (length && strcmp(suffix + length, ".tmp") == 0));
}

static void
report_stray(struct audit *audit, const char *path)
{
	const struct audit_problem problem = {.what = "stray",
		.path = path,
		.name = "",
		.why = "it belongs nowhere in a store",
		.repair = audit->options->repairs ? repair_path(audit->store, path) : AUDIT_LEFT};

	report(audit, &problem);
}

static int
audit_folder(struct audit *audit, const struct folder *folder, struct err *err)
{
	cleanup_fd int dir = fs_open_dir(audit->store->fd, folder->name, err);
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (dir < 0 || fs_list_dir(dir, &names, &count, err) < 0) {
		return err_wrap(err, "'%s/%s'", audit->store->path, folder->name);
	}
	for (size_t i = 0; i < count; i++) {
		if (!belongs(dir, folder, names[i])) {
			cleanup_free char *path = mem_printf("%s/%s", folder->name, names[i]);
			report_stray(audit, path);
		}
	}
	return 0;
}

static int
audit_top(struct audit *audit, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (fs_list_dir(audit->store->fd, &names, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (!store_is_layout(names[i])) {
			report_stray(audit, names[i]);
		}
	}
	return 0;
}

static int
audit_all(struct audit *audit, struct err *err)
{
	struct census *census = &audit->census;
	const uint64_t much = UINT64_MAX;

	if (audit_top(audit, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		if (audit_folder(audit, &folders[i], err) < 0) {
			return -1;
		}
	}
	/* Trees first: their repair forgets records. */
	if (census_take(audit->store, census, err) < 0 ||
		parallel_each(census->tree_count, much, audit_tree, audit, err) < 0 ||
		parallel_each(census->blob_count, much, audit_blob, audit, err) < 0 ||
		parallel_each(census->record_count, much, audit_record, audit, err) < 0) {
		return -1;
	}
	audit->result.trees = census->tree_count;
	audit->result.blobs = census->blob_count;
	audit->result.records = census->record_count;
	audit->result.files = audit->inodes.read_files;
	audit->result.bytes = audit->inodes.read_bytes;
	return 0;
}

int
store_audit(struct store *store, const struct audit_options *options,
	struct audit_result *ret_result, struct err *err)
{
	struct audit audit = {
		.store = store, .options = options, .mutex = PTHREAD_MUTEX_INITIALIZER};
	int lock;

	if (store_make_folders(store, err) < 0 ||
		store_lock_whole(store, options->cancel_fd, options->waiting, options->context,
			&lock, err) < 0) {
		return -1;
	}
	inodes_init(&audit.inodes);
	int result = audit_all(&audit, err);
	store_unlock(store, lock);
	inodes_done(&audit.inodes);
	census_done(&audit.census);
	if (result < 0) {
		return err_wrap(err, "looking through the store '%s'", store->path);
	}
	*ret_result = audit.result;
	return 0;
}
