/* SPDX-License-Identifier: MIT */
#include "fetch.h"

#include "address.h"
#include "backoff.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "fetch_confine.h"
#include "http_server.h"
#include "mirror.h"

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

static void
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

static void
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

static struct digest
content_digest(size_t size)
{
	cleanup_free unsigned char *content = mem_alloc(size);

	for (size_t i = 0; i < size; i++) {
		content[i] = http_content(i);
	}
	return sha256_of(content, size);
}

static void
note_progress(void *context, const struct fetch_progress *at)
{
	struct bench *bench = context;

	bench->progress_calls++;
	bench->progress_done = at->done;
	bench->progress_total = at->total;
	snprintf(bench->progress_url, sizeof(bench->progress_url), "%s", at->url);
}

/* Fetches the content from one or two paths of the server (or whole addresses) to "file". */
static int
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
static bool
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

static bool
log_is(struct bench *bench, const char *wanted)
{
	cleanup_free char *log = http_server_log(bench->server);

	return test_report_text(log, wanted, __FILE__, __LINE__);
}

static bool
says(const struct bench *bench, const char *format_of_url)
{
	cleanup_free char *text = mem_printf("%s%s", bench->url, format_of_url);
	bool is_so = strncmp(bench->err.text, text, strlen(text)) == 0;

	if (!is_so) {
		printf("#   expected: %s\n#   got:      %s\n", text, bench->err.text);
	}
	return is_so;
}

TEST(a_file_arrives_and_is_told_of_on_the_way)
{
	BENCH(bench);

	CHECK(fetch(&bench, "plain", NULL) == 0 && has_content(&bench, HTTP_CONTENT));
	CHECK(bench.progress_calls > 0 && bench.progress_done == HTTP_CONTENT &&
		bench.progress_total == HTTP_CONTENT);
	CHECK_TEXT(bench.progress_url, bench.url);
	CHECK(log_is(&bench, "/plain -1\n"));
}

TEST(files_of_every_shape_arrive)
{
	static const struct {
		const char *name;
		size_t size;
	} cases[] = {{"big", HTTP_BIG}, {"empty", 0}, {"close", HTTP_CONTENT}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		BENCH(bench);
		CHECK(fetch(&bench, cases[i].name, NULL) == 0 &&
			has_content(&bench, cases[i].size));
	}
}

TEST(a_file_address_is_read)
{
	BENCH(bench);
	cleanup_free unsigned char *content = mem_alloc(HTTP_CONTENT);
	cleanup_free char *good = mem_printf("file://%s/a%%20b", bench.base);
	cleanup_free char *bad = mem_printf("file://%s/none", bench.base);

	for (size_t i = 0; i < HTTP_CONTENT; i++) {
		content[i] = http_content(i);
	}
	CHECK(fs_create_at(bench.fd, "a b", 0644, content, HTTP_CONTENT, NULL) == 0);
	CHECK(fetch(&bench, good, NULL) == 0 && has_content(&bench, HTTP_CONTENT));
	CHECK(unlinkat(bench.fd, "file", 0) == 0);
	CHECK(fetch(&bench, bad, NULL) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(says(&bench, ": Couldn't open file"));
}

TEST(what_is_not_found_is_an_error_with_the_address)
{
	BENCH(bench);

	CHECK(fetch(&bench, "missing", NULL) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(says(&bench, ": HTTP 404"));
	CHECK(log_is(&bench, "/missing -1\n"));
}

TEST(a_busy_server_is_asked_again)
{
	BENCH(bench);

	CHECK(fetch(&bench, "busy-2", NULL) == 0 && has_content(&bench, HTTP_CONTENT));
	CHECK(log_is(&bench, "/busy-2 -1\n/busy-2 -1\n/busy-2 -1\n"));
}

TEST(a_server_that_stays_busy_is_given_up)
{
	BENCH(bench);

	CHECK(fetch(&bench, "busy-99", NULL) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(says(&bench, ": HTTP 503 (asked 5 times)"));
}

TEST(a_server_that_wants_an_hour_is_not_waited_for)
{
	BENCH(bench);

	CHECK(fetch(&bench, "gone-for-now", NULL) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(says(&bench, ": HTTP 429, come back in 3600 s"));
}

TEST(the_next_address_is_asked_at_once)
{
	static const char *const first[] = {"missing", "wrong", "busy-9", "gone-for-now"};

	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++) {
		BENCH(bench);
		cleanup_free char *wanted = mem_printf("/%s -1\n/plain -1\n", first[i]);
		CHECK(fetch(&bench, first[i], "plain") == 0 && has_content(&bench, HTTP_CONTENT));
		CHECK(log_is(&bench, wanted));
	}
}

TEST(all_addresses_and_their_answers_are_listed)
{
	BENCH(bench);

	CHECK(fetch(&bench, "missing", "gone-for-now") == -1);
	CHECK(strstr(bench.err.text, "/missing: HTTP 404\n") &&
		strstr(bench.err.text, "/gone-for-now: HTTP 429"));
}

TEST(a_hash_that_does_not_match_is_shown_with_the_one_that_came)
{
	BENCH(bench);
	char hex[DIGEST_HEX];
	struct digest wanted = content_digest(HTTP_CONTENT);

	CHECK(fetch(&bench, "missing", "wrong") == -1 && bench.err.status == STATUS_HASH);
	CHECK(strstr(bench.err.text, "/wrong: the hash does not match\n  expected sha256 "));
	CHECK(strstr(bench.err.text, digest_hex(&wanted, hex)));
	CHECK(strstr(bench.err.text, "\n  got      sha256 "));
	CHECK(log_is(&bench, "/missing -1\n/wrong -1\n"));
}

TEST(a_broken_transfer_goes_on_where_it_broke)
{
	BENCH(bench);

	CHECK(fetch(&bench, "cut", NULL) == 0 && has_content(&bench, HTTP_CONTENT));
	CHECK(log_is(&bench, "/cut -1\n/cut 50000\n"));
	CHECK(bench.progress_total == HTTP_CONTENT);
}

TEST(a_server_without_ranges_sends_all_of_it_again)
{
	BENCH(bench);

	CHECK(fetch(&bench, "cut-whole", NULL) == 0 && has_content(&bench, HTTP_CONTENT));
	CHECK(log_is(&bench, "/cut-whole -1\n/cut-whole 50000\n"));
}

TEST(pieces_that_do_not_fit_are_thrown_away_once)
{
	BENCH(bench);

	CHECK(fetch(&bench, "cut-mixed", NULL) == 0 && has_content(&bench, HTTP_CONTENT));
	CHECK(log_is(&bench, "/cut-mixed -1\n/cut-mixed 50000\n/cut-mixed -1\n"));
}

TEST(a_range_that_was_not_asked_for_is_not_taken)
{
	BENCH(bench);

	CHECK(fetch(&bench, "bad-range", NULL) == 0 && has_content(&bench, HTTP_CONTENT));
	CHECK(log_is(&bench, "/bad-range -1\n/bad-range 50000\n/bad-range -1\n"));
}

TEST(a_server_that_breaks_off_all_the_time_is_given_up)
{
	BENCH(bench);

	CHECK(fetch(&bench, "cut-always", NULL) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(strstr(bench.err.text, "asked "));
}

TEST(redirects_are_followed_to_a_point)
{
	BENCH(bench);
	cleanup_free char *endless = mem_strdup("to=");

	CHECK(fetch(&bench, "to=/to=/plain", NULL) == 0 && has_content(&bench, HTTP_CONTENT));
	CHECK(unlinkat(bench.fd, "file", 0) == 0);
	for (int i = 0; i < 12; i++) {
		char *longer = mem_printf("to=/%s", endless);
		free(endless);
		endless = longer;
	}
	CHECK(fetch(&bench, endless, NULL) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(strstr(bench.err.text, "Maximum (10) redirects followed"));
}

TEST(a_redirect_leads_to_no_file)
{
	BENCH(bench);
	cleanup_free char *name = mem_printf("to=file://%s/secret", bench.base);
	cleanup_free unsigned char *content = mem_alloc(HTTP_CONTENT);

	/* It would even have the right hash. */
	for (size_t i = 0; i < HTTP_CONTENT; i++) {
		content[i] = http_content(i);
	}
	CHECK(fs_create_at(bench.fd, "secret", 0644, content, HTTP_CONTENT, NULL) == 0);
	CHECK(fetch(&bench, name, NULL) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(strstr(bench.err.text, "Protocol"));
}

TEST(a_server_that_falls_silent_is_left)
{
	BENCH(bench);

	setenv("BRUN_FETCH_STALL_MS", "20", 1);
	CHECK(fetch(&bench, "drip", NULL) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(strstr(bench.err.text, "too slow (asked "));
}

TEST(a_port_where_nobody_listens_is_an_error)
{
	BENCH(bench);
	struct http_server *gone = http_server_new();
	cleanup_free char *url = http_server_url(gone, "plain");

	http_server_free(gone);
	CHECK(fetch(&bench, url, NULL) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(says(&bench, ": Failed to connect"));
}

TEST(passwords_in_addresses_are_not_shown)
{
	BENCH(bench);
	cleanup_free char *url = http_server_url(bench.server, "missing");
	cleanup_free char *with = mem_printf("http://user:secret@%s", url + strlen("http://"));

	CHECK(fetch(&bench, with, NULL) == -1 && !strstr(bench.err.text, "secret"));
	CHECK(strncmp(bench.err.text, url, strlen(url)) == 0);
}

TEST(a_mirror_is_asked)
{
	BENCH(bench);
	cleanup_free char *base = http_server_url(bench.server, "");
	cleanup_free char *mirror = mem_printf("mine=%s", base);

	CHECK(mirrors_add(&bench.mirrors, mirror, NULL) == 0);
	CHECK(fetch(&bench, "mirror://mine/plain", NULL) == 0 && has_content(&bench, HTTP_CONTENT));
}

TEST(a_mirror_that_nobody_knows_is_no_matter_where_there_is_another_address)
{
	BENCH(bench);

	CHECK(fetch(&bench, "mirror://unknown/x", "plain") == 0);
	CHECK(unlinkat(bench.fd, "file", 0) == 0);
	CHECK(fetch(&bench, "mirror://unknown/x", NULL) == -1);
	CHECK(bench.err.status == STATUS_SOURCE && strstr(bench.err.text, "--mirror unknown=URL"));
	CHECK(fetch(&bench, "gopher://x/y", "plain") == -1 && bench.err.status == STATUS_RECIPE);
}

TEST(a_proxy_is_used_where_the_environment_names_one)
{
	BENCH(bench);
	cleanup_free char *proxy = http_server_url(bench.server, "");

	setenv("http_proxy", proxy, 1);
	CHECK(fetch(&bench, "http://nowhere.invalid/plain", NULL) == 0);
	CHECK(log_is(&bench, "http://nowhere.invalid/plain -1\n"));
	unsetenv("http_proxy");
}

TEST(without_a_hash_a_limit_holds)
{
	BENCH(bench);
	static const char *const names[] = {"plain", "endless", "close"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		cleanup_free char *url = http_server_url(bench.server, names[i]);
		CHECK(fetcher_get_unchecked(bench.fetcher, url, HTTP_CONTENT - 1, bench.fd, "file",
			      -1, &bench.err) == -1);
		CHECK(bench.err.status == STATUS_LIMIT);
		CHECK(strstr(bench.err.text, "more than 99999 bytes"));
		CHECK(faccessat(bench.fd, "file", F_OK, 0) < 0);
	}
}

TEST(without_a_hash_a_file_arrives_in_one_piece)
{
	BENCH(bench);
	cleanup_free char *url = http_server_url(bench.server, "cut-whole");

	CHECK(fetcher_get_unchecked(
		      bench.fetcher, url, HTTP_CONTENT, bench.fd, "file", -1, &bench.err) == 0);
	CHECK(has_content(&bench, HTTP_CONTENT));
	CHECK(log_is(&bench, "/cut-whole -1\n/cut-whole -1\n"));
}

TEST(too_many_addresses_for_one_packet_are_an_error)
{
	BENCH(bench);
	cleanup_free char *url = mem_alloc(200001);

	memset(url, 'x', 200000);
	memcpy(url, "http://", 7);
	url[200000] = '\0';
	CHECK(fetch(&bench, url, "plain") == -1 && bench.err.status == STATUS_RECIPE);
	CHECK(strstr(bench.err.text, "bytes of addresses"));
}

TEST(a_file_that_exists_is_left_alone)
{
	BENCH(bench);
	cleanup_buf struct buf buf = {0};

	CHECK(fs_create_at(bench.fd, "file", 0644, "mine", 4, NULL) == 0);
	CHECK(fetch(&bench, "plain", NULL) != 0 && bench.err.number == EEXIST);
	CHECK(fs_read_at(bench.fd, "file", 10, &buf, NULL) == 0);
	CHECK_TEXT(buf_text(&buf), "mine");
}

/* One of several threads that share a helper. */
struct client {
	struct bench *bench;
	char name[16];
	int result;
	pthread_t thread;
};

static void *
run_client(void *context)
{
	struct client *client = context;
	cleanup_free char *url = http_server_url(client->bench->server, "plain");
	const char *urls[] = {url, NULL};
	struct digest digest = content_digest(HTTP_CONTENT);

	client->result = fetcher_get(client->bench->fetcher, urls, &digest, client->bench->fd,
		client->name, -1, NULL, NULL, NULL);
	return NULL;
}

TEST(many_threads_share_one_helper)
{
	BENCH(bench);
	struct client clients[40];

	for (size_t i = 0; i < 40; i++) {
		clients[i] = (struct client){.bench = &bench};
		snprintf(clients[i].name, sizeof(clients[i].name), "file%zu", i);
		pthread_create(&clients[i].thread, NULL, run_client, &clients[i]);
	}
	for (size_t i = 0; i < 40; i++) {
		pthread_join(clients[i].thread, NULL);
		CHECK(clients[i].result == 0);
	}
}

/* Stops what goes on once the server was asked. */
static void *
cancel_when_asked(void *context)
{
	struct bench *bench = context;
	const uint64_t one = 1;

	http_server_wait(bench->server, 1);
	(void)!write(bench->cancel_fd, &one, sizeof(one));
	return NULL;
}

TEST(a_cancelled_fetch_stops_and_leaves_nothing)
{
	BENCH(bench);
	pthread_t thread;
	int ends[2];

	CHECK_OR_RETURN(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	struct bench other = {.server = bench.server, .cancel_fd = ends[1]};
	pthread_create(&thread, NULL, cancel_when_asked, &other);
	bench.cancel_fd = ends[0];
	CHECK(fetch(&bench, "drip", NULL) == -1 && bench.err.status == STATUS_INTERRUPTED);
	pthread_join(thread, NULL);
	bench.cancel_fd = -1;
	CHECK(fetch(&bench, "plain", NULL) == 0 && has_content(&bench, HTTP_CONTENT));
	close(ends[0]);
	close(ends[1]);
}

/* Kills the helper, which is our only child, once the server was asked. */
static void *
kill_helper_when_asked(void *context)
{
	struct bench *bench = context;
	cleanup_free char **tasks = NULL;
	size_t count = 0;
	cleanup_fd int fd = fs_open_dir(AT_FDCWD, "/proc/self/task", NULL);

	http_server_wait(bench->server, 1);
	fs_list_dir(fd, &tasks, &count, NULL);
	for (size_t i = 0; i < count; i++) {
		cleanup_free char *path = mem_printf("%s/children", tasks[i]);
		cleanup_buf struct buf children = {0};
		if (fs_read_at(fd, path, 4096, &children, NULL) == 0 && children.length > 0) {
			kill((pid_t)strtol(children.data, NULL, 10), SIGKILL);
		}
	}
	return NULL;
}

TEST(the_work_of_a_helper_that_died_goes_to_a_new_one)
{
	BENCH(bench);
	pthread_t thread;

	if (access("/proc/thread-self/children", R_OK) < 0) {
		SKIP("this kernel does not list children");
	}
	pthread_create(&thread, NULL, kill_helper_when_asked, &bench);
	CHECK(fetch(&bench, "drip-once", NULL) == 0 && has_content(&bench, HTTP_CONTENT));
	pthread_join(thread, NULL);
	CHECK(log_is(&bench, "/drip-once -1\n/drip-once -1\n"));
}

TEST(a_helper_that_dies_twice_is_an_error)
{
	BENCH_WITH(bench, "/bin/false");

	CHECK(fetch(&bench, "plain", NULL) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(strstr(bench.err.text, "died twice"));
}

TEST(a_helper_that_is_not_there_is_named)
{
	BENCH_WITH(bench, "/nowhere/fetch-helper");

	CHECK(fetch(&bench, "plain", NULL) == -1 && bench.err.status == STATUS_STORE);
	CHECK(strstr(bench.err.text, "'/nowhere/fetch-helper'"));
}

TEST(the_confined_helper_makes_no_files)
{
	BENCH(bench);
	struct err err = {0};
	int status = 0;

	pid_t pid = fork();
	if (pid == 0) {
		int before = dup2(openat(bench.fd, "given", O_WRONLY | O_CREAT, 0644), 2);
		if (before != 2 || fetch_confine(&err) < 0) {
			_exit(1);
		}
		bool may_write = write(2, "x", 1) == 1 && ftruncate(2, 0) == 0;
		cleanup_free char *path = mem_printf("%s/made", bench.base);
		bool may_create = open(path, O_WRONLY | O_CREAT, 0644) >= 0;
		bool may_execute = execl("/bin/true", "true", NULL) == 0;
		_exit(!may_write ? 2 : may_create ? 3 : may_execute ? 4 : 0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (access("/sys/kernel/security/lsm", R_OK) < 0 && WEXITSTATUS(status) == 3) {
		SKIP("this kernel has no Landlock");
	}
	CHECK(WEXITSTATUS(status) == 0);
}

TEST(waiting_grows_and_heeds_the_server)
{
	CHECK(backoff_ms(0, 4, 0) == 0);
	CHECK(backoff_ms(0, 1, 7) == 7000);
	for (unsigned round = 1; round < 5; round++) {
		uint64_t wait = backoff_ms(1000, round, 0), middle = 1000u << (round - 1);
		CHECK(wait >= middle * 3 / 4 && wait <= middle * 5 / 4 + 1);
	}
	CHECK(backoff_ms(1000, 60, 0) <= BACKOFF_MOST_MS * 5 / 4 + 1);
}
