/* SPDX-License-Identifier: MIT */
/* Whatever comes from a cache is hostile until it is proven: a statement by its signature and by
 * the key in it, an archive by its SHA-256 and size in the statement, its contents by the tree id
 * that they come to once a confined helper has unpacked them, within what the statement says they
 * take. */
#include "cache/substitute.h"

#include "archive/archive.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cache/cache_key.h"
#include "cache/caches.h"
#include "cache/remote.h"
#include "cache/statement.h"
#include "store/store.h"
#include "store/store_lease.h"
#include "store/store_tmp.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Says what is wrong with what a cache gave: 1; but -1 where it was we who stopped. What befell our
 * own disk is said here, too: the step that is run instead will fail of it, if it matters. */
static int
blame(const struct substitute *substitute, struct cache *cache, const struct err *err)
{
	if (err->status == STATUS_INTERRUPTED) {
		return -1;
	}
	caches_doubt(substitute->caches, cache, err);
	return 1;
}

static int
read_statement(int fd, struct statement *ret_statement, struct err *err)
{
	cleanup_buf struct buf text = {0};

	if (lseek(fd, 0, SEEK_SET) < 0) {
		return err_set(err, errno, "seek");
	}
	return fs_read_all(fd, STATEMENT_MOST, &text, err) < 0 ||
			       statement_parse(buf_text(&text), text.length, ret_statement, err) < 0
		       ? -1
		       : 0;
}

/* Is it about this key, and by somebody whom we trust? */
static int
check_statement(const struct caches *caches, const struct statement *statement,
	const struct digest *key, struct err *err)
{
	char text[CACHE_KEY_TEXT];

	if (!caches_trust(caches, &statement->signer)) {
		return err_fail(err, STATUS_SOURCE,
			"a record is signed by %s, which is not trusted",
			cache_key_print(&statement->signer, text));
	}
	if (!digest_equal(&statement->key, key)) {
		return err_fail(err, STATUS_SOURCE, "it gave the record of another action");
	}
	return 0;
}

/* 1 and a statement that is proven, 0. */
static int
ask(const struct substitute *substitute, struct cache *cache, const struct digest *key,
	struct statement *ret_statement)
{
	struct err err = {0};
	struct remote_name name = remote_action(key);
	cleanup_fd int fd = memfd_create("statement", MFD_CLOEXEC);

	if (fd < 0) {
		return 0;
	}
	int found =
		remote_get(cache->remote, &name, STATEMENT_MOST, fd, substitute->cancel_fd, &err);
	if (found == 0 || err.status == STATUS_INTERRUPTED) {
		return 0;
	}
	if (found < 0) {
		caches_fail(substitute->caches, cache, &err);
		return 0;
	}
	if (read_statement(fd, ret_statement, &err) < 0) {
		err_wrap(&err, "%s", name.text);
	}
	if (err.status != STATUS_OK ||
		check_statement(substitute->caches, ret_statement, key, &err) < 0) {
		caches_doubt(substitute->caches, cache, &err);
		return 0;
	}
	return 1;
}

int
substitute_find(const struct substitute *substitute, const struct digest *key,
	struct statement *ret_statement)
{
	struct caches *caches = substitute->caches;

	for (size_t i = 0; caches->trusted_count && i < caches->count; i++) {
		if (!caches_is_out(&caches->items[i]) &&
			ask(substitute, &caches->items[i], key, ret_statement) == 1) {
			return 1;
		}
	}
	return 0;
}

/* Gets the archive, with the right size and hash. 0, 1 (the cache's fault) or -1. */
static int
get_archive(const struct substitute *substitute, struct cache *cache,
	const struct statement *statement, int fd, struct err *err)
{
	struct digest got;
	struct remote_name name = remote_content(&statement->archive);
	int found = remote_get(
		cache->remote, &name, statement->archive_size, fd, substitute->cancel_fd, err);

	if (found < 0 && err->status == STATUS_SOURCE) {
		caches_fail(substitute->caches, cache, err);
		return 1;
	}
	if (found <= 0) {
		return found < 0 ? blame(substitute, cache, err) : 1; /* it was cleaned away */
	}
	if (lseek(fd, 0, SEEK_SET) < 0 || sha256_fd(fd, &got, err) < 0 ||
		lseek(fd, 0, SEEK_SET) < 0) {
		return blame(substitute, cache, err);
	}
	if (!digest_equal(&got, &statement->archive)) {
		err_fail(err, STATUS_SOURCE, "%s: what it gave has another SHA-256", name.text);
		return blame(substitute, cache, err);
	}
	return 0;
}

/* Its signer is trusted, but may err. 0, 1 or -1. */
static int
unpack(const struct substitute *substitute, struct cache *cache, const struct statement *statement,
	int archive, int to, struct tree *ret_tree, struct err *err)
{
	cleanup_free char *helper = mem_printf("%s/unpack-helper", substitute->helper_dir);
	const struct archive_limits limits = {
		.bytes = statement->bytes ? statement->bytes : 1,
		.entries = statement->entries ? statement->entries : 1,
	};

	return archive_unpack(helper, archive, to, 0, NULL, &limits, substitute->cancel_fd,
		       ret_tree, err) < 0
		       ? blame(substitute, cache, err)
		       : 0;
}

static int
take_in(const struct substitute *substitute, struct cache *cache, const struct statement *statement,
	struct store_tmp *tmp, const struct tree *tree, struct err *err)
{
	int result = digest_equal(&tree->id, &statement->output)
			     ? store_put_tree(substitute->store, tmp, "tree", tree, err)
			     : err_fail(err, STATUS_SOURCE,
				       "an archive holds another tree than its record says");

	return result < 0 ? blame(substitute, cache, err) : 0;
}

static int
pull_into(const struct substitute *substitute, struct cache *cache,
	const struct statement *statement, struct store_tmp *tmp, struct err *err)
{
	cleanup_fd int archive =
		openat(tmp->fd, "archive", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	cleanup_fd int to = store_tmp_dir(tmp, "tree", err);
	struct tree tree = {0};

	if (archive < 0 || to < 0) {
		return err->status ? -1 : err_set(err, errno, "create '%s/archive'", tmp->path);
	}
	int result = get_archive(substitute, cache, statement, archive, err);
	if (result == 0) {
		result = unpack(substitute, cache, statement, archive, to, &tree, err);
	}
	if (result == 0) {
		result = take_in(substitute, cache, statement, tmp, &tree, err);
	}
	tree_done(&tree);
	return result;
}

/* 0 the tree is in the store, 1 the cache's fault, -1 err. */
static int
pull(const struct substitute *substitute, struct cache *cache, const struct statement *statement,
	struct err *err)
{
	struct store_tmp tmp;

	int held = store_hold_tree(substitute->store, &statement->output, err);
	if (held != 0) {
		return held < 0 ? -1 : 0;
	}
	if (store_tmp_new(substitute->store, &tmp, err) < 0) {
		return -1;
	}
	int result = pull_into(substitute, cache, statement, &tmp, err);
	store_tmp_free(substitute->store, &tmp);
	return result;
}

int
substitute_tree(const struct substitute *substitute, const struct digest *key,
	struct statement *ret_statement, struct err *err)
{
	struct caches *caches = substitute->caches;

	for (size_t i = 0; caches->trusted_count && i < caches->count; i++) {
		struct cache *cache = &caches->items[i];
		struct err why = {0};
		if (caches_is_out(cache) || ask(substitute, cache, key, ret_statement) == 0 ||
			(!ret_statement->has_archive &&
				!store_has_tree(substitute->store, &ret_statement->output))) {
			continue;
		}
		int result = pull(substitute, cache, ret_statement, &why);
		if (result < 0) {
			*err = why;
			return -1;
		}
		if (result == 0) {
			return 1;
		}
	}
	return 0;
}
