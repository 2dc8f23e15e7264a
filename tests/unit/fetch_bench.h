/* SPDX-License-Identifier: MIT */
/* A server, a directory and a fetcher: for unit/fetch.c and unit/fetch_helper.c. Brings test.h. */
#ifndef BRUN_FETCH_BENCH_H
#define BRUN_FETCH_BENCH_H

#include "fetch/fetch.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "fetch/address.h"
#include "fetch/backoff.h"
#include "fetch/fetch_confine.h"
#include "fetch/mirror.h"
#include "http_server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "test.h"

/* A server, a directory, a fetcher whose helper waits for nothing. */
struct bench {
	struct http_server *server;
	struct mirrors mirrors;
	struct fetcher *fetcher;
	char base[64];
	int fd, cancel_fd;
	unsigned progress_calls;
	uint64_t progress_done, progress_total;
	char progress_url[128];
	char *url;
	struct err err;
};

static inline void
bench_init(struct bench *bench, const char *helper)
{
	*bench = (struct bench){.base = "/tmp/brun-test-XXXXXX", .cancel_fd = -1};
	if (!mkdtemp(bench->base)) {
		abort();
	}
	setenv("BRUN_FETCH_BACKOFF_MS", "0", 1);
	setenv("BRUN_FETCH_STALL_MS", "5000", 1);
	setenv("XDG_CONFIG_HOME", bench->base, 1);
	unsetenv("http_proxy");
	bench->fd = fs_open_dir(AT_FDCWD, bench->base, NULL);
	bench->server = http_server_new();
	bench->fetcher = fetcher_new(helper, &bench->mirrors);
	bench->mirrors.root = bench->base;
}

static inline void
bench_done(struct bench *bench)
{
	fetcher_free(bench->fetcher);
	mirrors_done(&bench->mirrors);
	http_server_free(bench->server);
	close(bench->fd);
	free(bench->url);
	CHECK(fs_remove_at(AT_FDCWD, bench->base, NULL) == 0);
}

#define BENCH_WITH(name, helper)                                                                   \
	__attribute__((cleanup(bench_done))) struct bench name;                                    \
	bench_init(&name, helper)
#define BENCH(name) BENCH_WITH(name, FETCH_HELPER)

static inline struct digest
content_digest(size_t size)
{
	cleanup_free unsigned char *content = mem_alloc(size);

	for (size_t i = 0; i < size; i++) {
		content[i] = http_content(i);
	}
	return sha256_of(content, size);
}

static inline void
note_progress(void *context, const struct fetch_progress *at)
{
	struct bench *bench = context;

	bench->progress_calls++;
	bench->progress_done = at->done;
	bench->progress_total = at->total;
	snprintf(bench->progress_url, sizeof(bench->progress_url), "%s", at->url);
}

/* Fetches the content from one or two paths of the server (or whole addresses) to "file". */
static inline int
fetch(struct bench *bench, const char *first, const char *second)
{
	const char *names[] = {first, second};
	cleanup_free char *one = NULL, *two = NULL;
	char **slots[] = {&one, &two};
	size_t size = strcmp(first, "big") == 0	    ? HTTP_BIG
		      : strcmp(first, "empty") == 0 ? 0
						    : HTTP_CONTENT;
	struct digest digest = content_digest(size);

	for (size_t i = 0; i < 2 && names[i]; i++) {
		*slots[i] = strstr(names[i], "://") && strncmp(names[i], "to=", 3) != 0
				    ? mem_strdup(names[i])
				    : http_server_url(bench->server, names[i]);
	}
	free(bench->url);
	bench->url = mem_strdup(one);
	bench->err = (struct err){0};
	const char *urls[] = {one, two, NULL};
	int result = fetcher_get(bench->fetcher, urls, &digest, bench->fd, "file", bench->cancel_fd,
		note_progress, bench, &bench->err);
	if (result < 0 && faccessat(bench->fd, "file", F_OK, 0) == 0) {
		printf("# a file was left behind\n");
		return 1;
	}
	return result;
}

/* The content has arrived, all of it. */
static inline bool
has_content(struct bench *bench, size_t size)
{
	cleanup_buf struct buf buf = {0};
	bool is_same =
		fs_read_at(bench->fd, "file", HTTP_BIG, &buf, NULL) == 0 && buf.length == size;

	for (size_t i = 0; i < buf.length && is_same; i++) {
		is_same = (unsigned char)buf.data[i] == http_content(i);
	}
	if (!is_same) {
		printf("# %zu bytes; %s\n", buf.length, bench->err.text);
	}
	return is_same;
}

static inline bool
log_is(struct bench *bench, const char *wanted)
{
	cleanup_free char *log = http_server_log(bench->server);

	return test_report_text(log, wanted, __FILE__, __LINE__);
}

static inline bool
says(const struct bench *bench, const char *format_of_url)
{
	cleanup_free char *text = mem_printf("%s%s", bench->url, format_of_url);
	bool is_so = strncmp(bench->err.text, text, strlen(text)) == 0;

	if (!is_so) {
		printf("#   expected: %s\n#   got:      %s\n", text, bench->err.text);
	}
	return is_so;
}

#endif
