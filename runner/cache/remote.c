/* SPDX-License-Identifier: MIT */
/* A folder is read and written here; for servers this is the near side of cache-helper. It is
 * talked to as fetch-helper is (fetch.c), by a courier, with these messages:
 *
 *	get ID - LIMIT               with a descriptor that is open for writing
 *	has ID - 0                   without one
 *	put ID SHA256 SIZE           with one that is open for reading
 *	ADDRESS                      of the remote (remote_address.h)
 *	NAME                         "ac/HEX" or "cas/HEX"
 *	SHA256 SIZE                  put of an action only: what it needs, if anything
 *
 * "end ID STATUS ERRNO" comes back; what is not there is STATUS_SOURCE with ENOENT. */
#include "cache/remote.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/random.h"
#include "cache/remote_address.h"
#include "fetch/courier.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct remote {
	struct courier *courier;
	struct remote_address address;
	char *text;
};

static struct remote_name
name_of(const char *folder, const struct digest *digest)
{
	struct remote_name name;
	char hex[DIGEST_HEX];

	snprintf(name.text, sizeof(name.text), "%s/%s", folder, digest_hex(digest, hex));
	return name;
}

struct remote_name
remote_action(const struct digest *key)
{
	return name_of("ac", key);
}

struct remote_name
remote_content(const struct digest *sha256)
{
	return name_of("cas", sha256);
}

int
remote_open(
	const char *address, struct courier *courier, struct remote **ret_remote, struct err *err)
{
	struct remote_address parsed;

	if (remote_address_parse(address, &parsed, err) < 0) {
		return -1;
	}
	struct remote *remote = mem_zalloc(1, sizeof(*remote));
	remote->courier = courier;
	remote->address = parsed;
	remote->text = mem_strdup(address);
	*ret_remote = remote;
	return 0;
}

void
remote_close(struct remote *remote)
{
	if (remote) {
		remote_address_done(&remote->address);
		free(remote->text);
		free(remote);
	}
}

const char *
remote_shown(const struct remote *remote)
{
	return remote->text;
}

/* Asks cache-helper: 1 done, 0 not there, -1 err. */
static int
ask(struct remote *remote, struct request *request, const struct remote_name *name,
	const char *more, int cancel_fd, struct err *err)
{
	struct err why = {0};
	cleanup_free char *lines = mem_printf("%s\n%s\n%s", remote->text, name->text, more);

	request->addresses = lines;
	if (courier_carry(remote->courier, request, cancel_fd, &why) == 0) {
		return 1;
	}
	if (why.status == STATUS_SOURCE && why.number == ENOENT) {
		return 0;
	}
	if (err) {
		*err = why;
	}
	return -1;
}

static int
open_folder(const struct remote *remote, struct err *err)
{
	int fd = open(remote->address.base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_set(err, errno, "open '%s'", remote->address.base) : fd;
}

/* 1: opened, 0: not there, -1. */
static int
open_file(const struct remote *remote, const struct remote_name *name, int *ret_fd,
	struct stat *ret_st, struct err *err)
{
	struct err why = {0};
	cleanup_fd int folder = open_folder(remote, &why);
	cleanup_fd int fd = -1;

	if (folder < 0 && why.number == ENOENT) {
		return 0; /* the first one who sends makes it */
	}
	if (folder < 0) {
		return err_set(err, why.number, "open '%s'", remote->address.base);
	}
	/* O_NONBLOCK: a FIFO of that name must not stop us. */
	fd = openat(folder, name->text, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		return 0;
	}
	if (fd < 0 || fstat(fd, ret_st) < 0) {
		return err_set(err, errno, "open '%s/%s'", remote->address.base, name->text);
	}
	if (!S_ISREG(ret_st->st_mode)) {
		return err_fail(
			err, STATUS_SOURCE, "'%s/%s' is no file", remote->address.base, name->text);
	}
	*ret_fd = steal_fd(fd);
	return 1;
}

static int
get_file(const struct remote *remote, const struct remote_name *name, uint64_t limit, int fd,
	struct err *err)
{
	struct stat st;
	cleanup_fd int from = -1;
	int found = open_file(remote, name, &from, &st, err);

	if (found <= 0) {
		return found;
	}
	if ((uint64_t)st.st_size > limit) {
		return err_fail(err, STATUS_LIMIT, "'%s/%s' has more than %" PRIu64 " bytes",
			remote->address.base, name->text, limit);
	}
	return fs_copy_fd(from, fd, err) < 0 ? -1 : 1;
}

/* Under another name first: whoever reads the folder sees all of it or nothing. */
static int
write_file(int folder, const struct remote_name *name, int from, struct err *err)
{
	cleanup_free char *sibling =
		mem_printf("%s.%016" PRIx64 ".tmp", name->text, random_number());
	cleanup_fd int to = openat(folder, sibling, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (to < 0) {
		return err_set(err, errno, "create '%s'", sibling);
	}
	int result = lseek(from, 0, SEEK_SET) < 0 ? err_set(err, errno, "seek")
						  : fs_copy_fd(from, to, err);
	if (result == 0 && fsync(to) < 0) {
		result = err_set(err, errno, "fsync");
	}
	if (result == 0 && renameat(folder, sibling, folder, name->text) < 0) {
		result = err_set(err, errno, "rename to '%s'", name->text);
	}
	if (result < 0) {
		(void)unlinkat(folder, sibling, 0);
	}
	return result;
}

static int
put_file(const struct remote *remote, const struct remote_name *name, int from, struct err *err)
{
	size_t length = strcspn(name->text, "/");
	cleanup_free char *parent = mem_strndup(name->text, length);

	if (fs_mkdirs_at(AT_FDCWD, remote->address.base, 0755, err) < 0) {
		return -1;
	}
	cleanup_fd int folder = open_folder(remote, err);
	if (folder < 0 || fs_mkdirs_at(folder, parent, 0755, err) < 0) {
		return -1;
	}
	return write_file(folder, name, from, err);
}

int
remote_get(struct remote *remote, const struct remote_name *name, uint64_t limit, int fd,
	int cancel_fd, struct err *err)
{
	struct request request = {.verb = "get", .wanted = "-", .limit = limit, .fd = fd};

	if (remote->address.kind == REMOTE_FOLDER) {
		return get_file(remote, name, limit, fd, err);
	}
	return ask(remote, &request, name, "", cancel_fd, err);
}

int
remote_has(struct remote *remote, const struct remote_name *name, int cancel_fd, struct err *err)
{
	struct request request = {.verb = "has", .wanted = "-", .fd = -1};
	cleanup_fd int fd = -1;
	struct stat st;

	if (remote->address.kind == REMOTE_FOLDER) {
		return open_file(remote, name, &fd, &st, err);
	}
	return ask(remote, &request, name, "", cancel_fd, err);
}

int
remote_put(struct remote *remote, const struct remote_name *name, const struct remote_put *what,
	int cancel_fd, struct err *err)
{
	char hex[DIGEST_HEX], more[96] = "";
	struct request request = {.verb = "put", .limit = what->size, .fd = what->fd};

	if (remote->address.kind == REMOTE_FOLDER) {
		return put_file(remote, name, what->fd, err);
	}
	if (what->needs) {
		snprintf(more, sizeof(more), "%s %" PRIu64 "\n", digest_hex(what->needs, hex),
			what->needs_size);
	}
	request.wanted = digest_hex(&what->sha256, hex);
	int result = ask(remote, &request, name, more, cancel_fd, err);
	/* "Not there" is no answer to a put but a server's refusal. */
	return result == 0  ? err_fail(err, STATUS_SOURCE, "it takes nothing under this address")
	       : result < 0 ? -1
			    : 0;
}
