/* SPDX-License-Identifier: MIT */
/* The helper process: shared, cancelled, killed, confined. */
#include "fetch_bench.h"

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
