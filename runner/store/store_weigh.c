/* SPDX-License-Identifier: MIT */
#include "store/store_weigh.h"

#include "base/fs.h"
#include "base/mem.h"
#include "store/store_room.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 512 };

static size_t
slot_of(const struct weigher *weigher, uint64_t inode)
{
	size_t slot = (size_t)(inode * UINT64_C(0x9e3779b97f4a7c15) >> 20);

	for (slot &= weigher->capacity - 1;
		weigher->inodes[slot] && weigher->inodes[slot] != inode;) {
		slot = (slot + 1) & (weigher->capacity - 1);
	}
	return slot;
}

static void
grow(struct weigher *weigher)
{
	struct weigher larger = {.capacity = weigher->capacity ? weigher->capacity * 2 : 1024};

	larger.inodes = mem_zalloc(larger.capacity, sizeof(*larger.inodes));
	larger.count = weigher->count;
	for (size_t i = 0; i < weigher->capacity; i++) {
		if (weigher->inodes[i]) {
			larger.inodes[slot_of(&larger, weigher->inodes[i])] = weigher->inodes[i];
		}
	}
	free(weigher->inodes);
	*weigher = larger;
}

/* The store is one file system: an inode's number is enough. */
static bool
is_new(struct weigher *weigher, const struct stat *st)
{
	if (st->st_nlink == 1 || S_ISDIR(st->st_mode)) {
		return true;
	}
	if (weigher->count * 2 >= weigher->capacity) {
		grow(weigher);
	}
	size_t slot = slot_of(weigher, st->st_ino);
	if (weigher->inodes[slot]) {
		return false;
	}
	weigher->inodes[slot] = st->st_ino;
	weigher->count++;
	return true;
}

static uint64_t
weigh_path(struct weigher *weigher, int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && is_new(weigher, &st)
		       ? (uint64_t)st.st_blocks * BLOCK
		       : 0;
}

uint64_t
weigh_tree(struct weigher *weigher, struct store *store, const struct digest *id)
{
	struct store_name name = store_name("trees", id, "");
	struct store_name manifest = store_name("manifests", id, "");
	struct tree tree = {0};
	uint64_t bytes = weigh_path(weigher, store->fd, name.text) +
			 weigh_path(weigher, store->fd, manifest.text);
	cleanup_fd int dir = fs_open_dir(store->fd, name.text, NULL);

	if (dir >= 0 && store_get_tree(store, id, &tree, NULL) == 1) {
		for (size_t i = 0; i < tree.count; i++) {
			bytes += weigh_path(weigher, dir, tree.entries[i].path);
		}
	}
	tree_done(&tree);
	return bytes;
}

uint64_t
weigh_blob(struct weigher *weigher, struct store *store, const struct digest *id)
{
	return weigh_path(weigher, store->fd, store_name("blobs", id, "").text);
}

void
weigher_done(struct weigher *weigher)
{
	free(weigher->inodes);
	*weigher = (struct weigher){0};
}

uint64_t
weigh_removal(int dirfd, const char *path)
{
	struct stat st;

	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		return 0;
	}
	if (!S_ISDIR(st.st_mode)) {
		return st.st_nlink == 1 ? (uint64_t)st.st_blocks * BLOCK : 0;
	}
	cleanup_free char *full = mem_printf("/proc/self/fd/%d/%s", dirfd, path);
	char *const paths[] = {full, NULL};
	uint64_t bytes = 0;
	FTSENT *entry;

	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while (walk && (entry = fts_read(walk))) {
		bool is_last = entry->fts_info == FTS_D || entry->fts_statp->st_nlink == 1;
		if (entry->fts_info != FTS_DP && entry->fts_info != FTS_NS && is_last) {
			bytes += (uint64_t)entry->fts_statp->st_blocks * BLOCK;
		}
	}
	if (walk) {
		fts_close(walk);
	}
	return bytes;
}
