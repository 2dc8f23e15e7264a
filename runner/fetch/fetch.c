/* SPDX-License-Identifier: MIT */
/* The near side of fetch-helper. The two talk over a SOCK_SEQPACKET pair, one message a packet;
 * every message is a line of words, then text:
 *
 *	get ID SHA256|- LIMIT        to the helper, with a descriptor (SCM_RIGHTS) that is open for
 *	URL…                         writing; one address a line; at most LIMIT bytes
 *	cancel ID                    to the helper; nothing is answered
 *	progress ID DONE TOTAL       from the helper; TOTAL 0 is unknown
 *	URL
 *	end ID STATUS ERRNO          from the helper: a struct err in print; STATUS 0: the file is
 *	TEXT                         there and, where SHA256 was given, it has that hash
 *
 * The helper ends when its side hangs up. A thread of our own, the courier, starts it and does
 * all the talking: the helper asks the kernel to be killed with the thread that started it, and
 * that one lives as long as the fetcher. Where the helper dies, what it had to do goes to a new
 * one, once; then it fails.
 *
 * For tests the helper's environment may name shorter times: BRUN_FETCH_BACKOFF_MS (500: the
 * wait before the second try), BRUN_FETCH_STALL_MS (30000: how long a server may be slow). */
#include "fetch/fetch.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "fetch/address.h"
#include "fetch/courier.h"
#include "fetch/mirror.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Nobody says how large a file with a known hash is; an endless answer must end all the same. */
static const uint64_t size_most = (uint64_t)64 << 30;

struct fetcher {
	struct courier *courier;
	const struct mirrors *mirrors;
};

struct fetcher *
fetcher_new(const char *helper, const struct mirrors *mirrors)
{
	struct fetcher *fetcher = mem_zalloc(1, sizeof(*fetcher));

	fetcher->courier = courier_new(helper);
	fetcher->mirrors = mirrors;
	return fetcher;
}

void
fetcher_free(struct fetcher *fetcher)
{
	if (fetcher) {
		courier_free(fetcher->courier);
		free(fetcher);
	}
}

/* The addresses behind `urls`, one a line. A mirror that nobody knows is no error as long as
 * another address is there. */
static int
list_addresses(const struct fetcher *fetcher, const char *const *urls, struct buf *ret_lines,
	struct err *err)
{
	struct addresses all = {0};
	struct err problem = {0};
	char **resolved;

	for (; *urls; urls++) {
		struct err own = {0};
		if (mirrors_resolve(fetcher->mirrors, *urls, &resolved, &own) == 0) {
			for (size_t i = 0; resolved[i]; i++) {
				addresses_add(&all, resolved[i], NULL);
				free(resolved[i]);
			}
			free(resolved);
		} else if (problem.status == STATUS_OK || problem.status == STATUS_SOURCE) {
			problem = own;
		}
	}
	for (size_t i = 0; i < all.count; i++) {
		buf_printf(ret_lines, "%s\n", all.items[i]);
	}
	bool is_good =
		problem.status == STATUS_OK || (problem.status == STATUS_SOURCE && all.count);
	addresses_done(&all);
	if (!is_good && err) {
		*err = problem;
	}
	return is_good ? 0 : -1;
}

static int
get_to(struct fetcher *fetcher, struct request *request, const char *const *urls, int cancel_fd,
	struct err *err)
{
	cleanup_buf struct buf lines = {0};

	if (list_addresses(fetcher, urls, &lines, err) < 0) {
		return -1;
	}
	request->addresses = buf_text(&lines);
	return courier_carry(fetcher->courier, request, cancel_fd, err);
}

static int
get(struct fetcher *fetcher, struct request *request, const char *const *urls, int dir_fd,
	const char *name, int cancel_fd, struct err *err)
{
	cleanup_fd int fd =
		openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0) {
		return err_set(err, errno, "create '%s'", name);
	}
	request->fd = fd;
	int result = get_to(fetcher, request, urls, cancel_fd, err);
	if (result < 0) {
		(void)unlinkat(dir_fd, name, 0);
	}
	return result;
}

int
fetcher_get(struct fetcher *fetcher, const char *const *urls, const struct digest *sha256,
	int dir_fd, const char *name, int cancel_fd,
	void (*progress)(void *context, const struct fetch_progress *at), void *context,
	struct err *err)
{
	char hex[DIGEST_HEX];
	struct request request = {
		.verb = "get",
		.wanted = digest_hex(sha256, hex),
		.limit = size_most,
		.progress = progress,
		.context = context,
	};

	return get(fetcher, &request, urls, dir_fd, name, cancel_fd, err);
}

int
fetcher_get_unchecked(struct fetcher *fetcher, const char *url, uint64_t limit, int dir_fd,
	const char *name, int cancel_fd, struct err *err)
{
	struct request request = {.verb = "get", .wanted = "-", .limit = limit};
	const char *const urls[] = {url, NULL};

	return get(fetcher, &request, urls, dir_fd, name, cancel_fd, err);
}
