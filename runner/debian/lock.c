/* SPDX-License-Identifier: MIT */
#include "debian/lock.h"

#include "archive/archive.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/replace.h"
#include "debian/debian_index.h"
#include "debian/debian_lock.h"
#include "debian/debian_release.h"
#include "debian/debian_version.h"
#include "fetch/fetch.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOCK_LIMIT = 64 << 20, RELEASE_LIMIT = 16 << 20, INDEX_LIMIT = 512 << 20 };

/* What packages depend on for the sake of their maintainer scripts, which never run, and of a
 * machine that people log in to, which a base is not; and the RPC headers that libc6-dev once had
 * itself. */
static const char *const assumed_by_default[] = {"adduser", "base-files", "base-passwd", "cdebconf",
	"debconf", "dpkg", "init-system-helpers", "install-info", "libnsl-dev", "libpam-runtime",
	"libtirpc-dev", "login", "lsb-base", "media-types", "mime-support", "passwd",
	"rpcsvc-proto", "sensible-utils", "ucf"};

/* A private directory for what is fetched. */
struct scratch {
	char *path;
	int fd;
};

static int
scratch_open(struct scratch *ret_scratch, struct err *err)
{
	const char *top = getenv("TMPDIR");
	cleanup_free char *path = mem_printf("%s/brun-lock-XXXXXX", top && *top ? top : "/tmp");

	if (!mkdtemp(path)) {
		return err_set(err, errno, "mkdir '%s'", path);
	}
	int fd = fs_open_dir(AT_FDCWD, path, err);
	if (fd < 0) {
		return -1;
	}
	*ret_scratch = (struct scratch){steal(path), fd};
	return 0;
}

static void
scratch_close(struct scratch *scratch)
{
	/* What can't be removed of a temporary directory is no reason to fail. */
	(void)fs_remove_at(AT_FDCWD, scratch->path, NULL);
	close(scratch->fd);
	free(scratch->path);
}

/* The file's lock, or an empty one with the defaults; its text comes along, "" for none. */
static int
load(const char *path, struct debian_lock *ret_lock, struct buf *ret_text, struct err *err)
{
	struct err missing = {0};

	if (fs_read_at(AT_FDCWD, path, LOCK_LIMIT, ret_text, &missing) == 0) {
		return debian_lock_parse(buf_text(ret_text), ret_text->length, ret_lock, err) < 0
			       ? err_wrap(err, "%s", path)
			       : 0;
	}
	if (missing.number != ENOENT) {
		return err_fail(err, STATUS_STORE, "%s", missing.text);
	}
	struct debian_lock lock = {
		.suite = "bookworm", .component = "main", .architecture = "amd64"};
	for (size_t i = 0; i < sizeof(assumed_by_default) / sizeof(*assumed_by_default); i++) {
		debian_names_add(&lock.assumed, &lock.arena, assumed_by_default[i]);
	}
	*ret_lock = lock;
	return 0;
}

static int
check_name(const char *name, struct err *err)
{
	return debian_is_name(name) ? 0
				    : err_fail(err, STATUS_USAGE,
					      "'%s' is not the name of a Debian package", name);
}

/* The lock to be: what the old one asks for, changed as the request says, and nothing pinned
 * yet. */
static int
renew(const struct lock_request *request, const struct debian_lock *old,
	struct debian_lock *ret_lock, struct err *err)
{
	struct debian_lock lock = {.suite = old->suite,
		.component = old->component,
		.architecture = old->architecture,
		.assumed = old->assumed};

	for (size_t i = 0; i < old->wanted.count; i++) {
		debian_names_add(&lock.wanted, &lock.arena, old->wanted.items[i]);
	}
	*ret_lock = lock;
	for (size_t i = 0; i < request->removed_count; i++) {
		if (!debian_names_remove(&ret_lock->wanted, request->removed[i])) {
			return err_fail(err, STATUS_USAGE, "'%s' is not wanted by '%s'",
				request->removed[i], request->path);
		}
	}
	for (size_t i = 0; i < request->added_count; i++) {
		if (check_name(request->added[i], err) < 0) {
			return -1;
		}
		debian_names_add(&ret_lock->wanted, &ret_lock->arena, request->added[i]);
	}
	if (ret_lock->wanted.count == 0) {
		err_fail(err, STATUS_USAGE, "'%s' would want no package", request->path);
		return err_hint(err, "name some: brun lock gcc make");
	}
	return 0;
}

/* A run of the command: what most steps of it need. */
struct locking {
	const struct lock_request *request;
	const struct debian_lock *lock;
	struct fetcher *fetcher;
	struct scratch scratch;
};

/* The text of InRelease, once it is known whom it comes from. */
static int
get_release(const struct locking *locking, struct buf *ret_text, struct err *err)
{
	const struct lock_request *request = locking->request;
	const struct scratch *scratch = &locking->scratch;
	const char *keyring = request->keyring ? request->keyring : debian_release_find_keyring();
	cleanup_free char *url =
		mem_printf("mirror://debian/dists/%s/InRelease", locking->lock->suite);
	cleanup_buf struct buf unchecked = {0};

	if (!keyring && !request->is_insecure) {
		err_fail(err, STATUS_SOURCE,
			"this host has no keyring of Debian's archive: the index's signature can't be "
			"checked");
		return err_hint(err,
			"install debian-archive-keyring, name one with --keyring FILE, or "
			"go on without the check: --insecure");
	}
	if (fetcher_get_unchecked(locking->fetcher, url, RELEASE_LIMIT, scratch->fd, "InRelease",
		    request->cancel_fd, err) < 0) {
		return -1;
	}
	if (!request->is_insecure) {
		return debian_release_verify(scratch->path, "InRelease", keyring, ret_text, err);
	}
	return fs_read_at(scratch->fd, "InRelease", RELEASE_LIMIT, &unchecked, err) < 0
		       ? -1
		       : debian_release_strip(buf_text(&unchecked), ret_text, err);
}

/* Fetches one index by the hash that the release gives it, and unpacks it to index/Packages. */
static int
get_index(const struct locking *locking, const char *release, struct err *err)
{
	const struct lock_request *request = locking->request;
	const struct debian_lock *lock = locking->lock;
	const int scratch_fd = locking->scratch.fd;
	const struct archive_limits limits = {.bytes = INDEX_LIMIT, .entries = 1};
	cleanup_free char *path =
		mem_printf("%s/binary-%s/Packages.xz", lock->component, lock->architecture);
	cleanup_free char *url = mem_printf("mirror://debian/dists/%s/%s", lock->suite, path);
	cleanup_free char *helper = mem_printf("%s/unpack-helper", request->helper_dir);
	const char *urls[] = {url, NULL};
	struct digest sha256;
	uint64_t size;

	if (debian_release_check(release, lock->suite, lock->component, lock->architecture, err) <
			0 ||
		debian_release_find(release, path, &sha256, &size, err) < 0 ||
		fetcher_get(locking->fetcher, urls, &sha256, scratch_fd, "Packages.xz",
			request->cancel_fd, NULL, NULL, err) < 0 ||
		fs_mkdirs_at(scratch_fd, "index", 0700, err) < 0) {
		return -1;
	}
	cleanup_fd int blob = openat(scratch_fd, "Packages.xz", O_RDONLY | O_CLOEXEC);
	cleanup_fd int to = fs_open_dir(scratch_fd, "index", err);
	if (blob < 0 || to < 0) {
		return err_set(err, errno, "open the fetched index");
	}
	struct tree tree = {0};
	int result = archive_unpack(
		helper, blob, to, 0, "Packages", &limits, request->cancel_fd, &tree, err);
	tree_done(&tree);
	return result;
}

static int
get_packages(const struct locking *locking, struct debian_index *ret_index, struct err *err)
{
	cleanup_buf struct buf release = {0}, text = {0};

	if (get_release(locking, &release, err) < 0 ||
		get_index(locking, buf_text(&release), err) < 0 ||
		fs_read_at(locking->scratch.fd, "index/Packages", INDEX_LIMIT, &text, err) < 0) {
		return -1;
	}
	size_t length = text.length;
	char *taken = buf_take(&text);
	if (debian_index_parse(taken, length, locking->lock->architecture, ret_index, err) < 0) {
		free(taken);
		return -1;
	}
	return 0;
}

/* Fetches the index and pins what the lock wants. */
static int
fill(const struct lock_request *request, struct debian_lock *lock, struct err *err)
{
	cleanup_free char *helper = mem_printf("%s/fetch-helper", request->helper_dir);
	struct locking locking = {.request = request, .lock = lock};
	struct debian_index index;

	if (scratch_open(&locking.scratch, err) < 0) {
		return -1;
	}
	locking.fetcher = fetcher_new(helper, request->mirrors);
	int result = get_packages(&locking, &index, err);
	fetcher_free(locking.fetcher);
	scratch_close(&locking.scratch);
	if (result < 0) {
		return -1;
	}
	result = debian_resolve(&index, lock, err);
	debian_index_done(&index);
	return result;
}

/* Writes the lock where it differs from the old text; tells what it holds now. */
static int
finish(const struct lock_request *request, const struct debian_lock *old,
	const struct debian_lock *now, const char *old_text, struct buf *ret_report,
	struct err *err)
{
	cleanup_buf struct buf text = {0};

	size_t changes = debian_lock_diff(old, now, ret_report);
	debian_lock_print(now, &text);
	bool is_same = strcmp(buf_text(&text), old_text) == 0;
	bool is_written = !is_same && !request->is_dry;
	if (is_written &&
		replace_file(AT_FDCWD, request->path, 0644, text.data, text.length, err) < 0) {
		return -1;
	}
	buf_printf(ret_report, "%zu packages of %s/%s, %zu changed%s\n", now->count, now->suite,
		now->component, changes,
		is_same		  ? ": the lock is up to date"
		: request->is_dry ? ": nothing is written (--dry-run)"
				  : "");
	return 0;
}

int
lock_run(const struct lock_request *request, struct buf *ret_report, struct err *err)
{
	struct debian_lock old = {0}, now = {0};
	cleanup_buf struct buf old_text = {0};

	if (load(request->path, &old, &old_text, err) < 0) {
		return -1;
	}
	int result = renew(request, &old, &now, err);
	if (result == 0) {
		result = fill(request, &now, err);
	}
	if (result == 0) {
		result = finish(request, &old, &now, buf_text(&old_text), ret_report, err);
	}
	debian_lock_done(&now);
	debian_lock_done(&old);
	return result;
}
