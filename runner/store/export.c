/* SPDX-License-Identifier: MIT */
/* From a tree in the store to a directory for a person. */
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/disk.h"
#include "text/quote.h"
#include "tree/beneath.h"
#include "tree/parallel.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct export
{
	const struct tree *tree;
	int from, to;
	bool is_exact;
};

/* All files are equally old: with the times at which they were copied, make would find a source's
 * generated files older than what they are generated from, and want to make them anew. It is
 * SOURCE_DATE_EPOCH's time, for zip archives know none before 1980. */
static const struct timespec exported_times[2] = {{.tv_sec = 946684800}, {.tv_sec = 946684800}};

static int
copy_file(struct export *export, const struct tree_entry *entry, struct err *err)
{
	struct stat st;
	cleanup_fd int from = beneath_open(export->from, entry->path, O_RDONLY | O_NONBLOCK);

	if (from < 0 || fstat(from, &st) < 0) {
		bool is_lost = errno == ENOENT;
		err_set(err, errno, "open");
		return is_lost ? disk_explain_damage(export->from, err) : -1;
	}
	/* Cheap, and it notices a store that was damaged by a lost write. */
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != entry->size) {
		err_set(err, 0, "the store has %lld bytes of it instead of %llu",
			(long long)st.st_size, (unsigned long long)entry->size);
		return disk_explain_damage(export->from, err);
	}
	const mode_t mode = entry->type == TREE_PROGRAM ? 0755 : 0644;
	/* The kernel takes the umask off. */
	cleanup_fd int to = openat(export->to, entry->path,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (to < 0) {
		return err_set(err, errno, "create");
	}
	if (export->is_exact && fchmod(to, mode) < 0) {
		return err_set(err, errno, "chmod");
	}
	if (fs_copy_fd(from, to, err) < 0) {
		return -1;
	}
	return futimens(to, exported_times) < 0 ? err_set(err, errno, "set time") : 0;
}

static int
lay_out(void *context, size_t index, struct err *err)
{
	struct export *export = context;
	const struct tree_entry *entry = &export->tree->entries[index];
	int result = 0;

	if (entry->type == TREE_LINK) {
		if (symlinkat(entry->target, export->to, entry->path) < 0) {
			result = err_set(err, errno, "symlink");
		}
	} else if (entry->type != TREE_DIR) {
		result = copy_file(export, entry, err);
	}
	if (result < 0) {
		cleanup_free char *name = quote_path(entry->path);
		return err_wrap(err, "laying out %s", name);
	}
	return 0;
}

static int
make_dir(const struct export *export, const char *path)
{
	return mkdirat(export->to, path, 0755) < 0 ? -1
	       : export->is_exact		   ? fchmodat(export->to, path, 0755, 0)
						   : 0;
}

int
tree_export(const struct tree *tree, int from_fd, int to_fd, bool is_exact, struct err *err)
{
	struct export export = {.tree = tree, .from = from_fd, .to = to_fd, .is_exact = is_exact};
	uint64_t bytes = 0;

	for (size_t i = 0; i < tree->count; i++) {
		const struct tree_entry *entry = &tree->entries[i];
		bytes += entry->size;
		if (entry->type == TREE_DIR && make_dir(&export, entry->path) < 0) {
			quote_failure("mkdir", entry->path, err);
			return disk_explain(to_fd, err);
		}
	}
	if (parallel_each(tree->count, bytes, lay_out, &export, err) < 0) {
		return disk_explain(to_fd, err);
	}
	return 0;
}
