/* SPDX-License-Identifier: MIT */
/* From one store by way of a folder to another; and archives that a trusted signer got wrong. */
#include "cache/substitute.h"

#include "archive_maker.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cache/cache_key.h"
#include "cache/caches.h"
#include "cache/push.h"
#include "cache/remote.h"
#include "cache/statement.h"
#include "house.h"
#include "sandbox/sandbox.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "test.h"

/* Two machines and a cache between them. */
struct bench {
	struct house a, b;
	struct scratch scratch;
	struct caches caches;
	struct buf said;
	struct err err;
};

static void
on_notice(void *context, const char *text)
{
	struct bench *bench = context;

	buf_printf(&bench->said, "%s\n", text);
}

static void
open_caches(struct bench *bench, const char *url)
{
	struct sign_secret secret;
	struct sign_public public;
	char text[CACHE_KEY_TEXT];
	const char *trusted = text;

	if (cache_key_make(&secret, NULL) < 0 || sign_public_of(&secret, &public, NULL) < 0) {
		abort();
	}
	cache_key_print(&public, text);
	const struct caches_wish wish = {
		.urls = &url,
		.url_count = 1,
		.trusted = &trusted,
		.trusted_count = 1,
		.pushes = true,
	};
	if (caches_open(&wish, HELPERS "/cache-helper", &bench->caches, &bench->err) < 0) {
		printf("Bail out! %s\n", bench->err.text);
		exit(1);
	}
	bench->caches.notice = on_notice;
	bench->caches.context = bench;
}

static void
bench_init(struct bench *bench, const char *url)
{
	*bench = (struct bench){.a = house_new(), .b = house_new(), .scratch = scratch_new()};
	cleanup_free char *key = mem_printf("%s/key", bench->scratch.path);
	cleanup_free char *folder = mem_printf("%s/cache", bench->scratch.path);

	setenv("XDG_CONFIG_HOME", bench->scratch.path, 1);
	setenv("BRUN_CACHE_KEY", key, 1);
	open_caches(bench, url ? url : folder);
}

static void
bench_done(struct bench *bench)
{
	caches_done(&bench->caches);
	house_done(&bench->a);
	house_done(&bench->b);
	scratch_done(&bench->scratch);
	buf_done(&bench->said);
}

#define BENCH_WITH(name, url)                                                                      \
	__attribute__((cleanup(bench_done))) struct bench name;                                    \
	bench_init(&name, url);                                                                    \
	if (sandbox_probe(&name.err) < 0) {                                                        \
		SKIP("this host refuses the sandbox");                                             \
	}
#define BENCH(name) BENCH_WITH(name, NULL)

static const struct digest *
some_key(void)
{
	static struct digest key;

	key = sha256_of("an action", 9);
	return &key;
}

static struct push_result
push(struct bench *bench, const struct digest *id, uint64_t limit_ms)
{
	struct pusher *pusher = pusher_new(&bench->caches, bench->a.store, HELPERS);
	const struct record record = {.key = *some_key(), .output = *id, .wall_ms = 7};

	pusher_add(pusher, &record, true);
	struct push_result result = pusher_finish(pusher, limit_ms, -1);
	pusher_free(pusher);
	return result;
}

static int
pull(struct bench *bench, struct statement *ret_statement)
{
	const struct substitute substitute = {
		.caches = &bench->caches,
		.store = bench->b.store,
		.helper_dir = HELPERS,
		.cancel_fd = -1,
	};

	return substitute_tree(&substitute, some_key(), ret_statement, &bench->err);
}

TEST(a_tree_goes_there_and_comes_back)
{
	BENCH(bench);
	struct statement statement;
	char long_name[201];
	memset(long_name, 'n', 200);
	long_name[200] = '\0';
	cleanup_free char *deep = mem_printf("%s/%s/%s", long_name, long_name, long_name);
	struct digest id = HOUSE_TREE(bench.a.store, {"bin/tool", "#!/bin/sh\n", NULL, 0755},
		{"bin/link", NULL, "../somewhere/not/there", 0}, {"empty/below", NULL, NULL, 0},
		{"a name with blanks", "text", NULL, 0},
		{"\xc3\xa4\xe2\x82\xac", "umlaut", NULL, 0}, {"line\nbreak", "x", NULL, 0},
		{"zero", "", NULL, 0}, {deep, "deep", NULL, 0});
	cleanup_free char *wanted = house_list(bench.a.store, &id);

	struct push_result result = push(&bench, &id, 60000);
	CHECK(result.sent == 1 && result.left == 0 && result.bytes > 0);
	CHECK_OR_RETURN(pull(&bench, &statement) == 1);
	CHECK(digest_equal(&statement.output, &id) && statement.wall_ms == 7);
	cleanup_free char *got = house_list(bench.b.store, &id);
	CHECK_TEXT(got, wanted);
	CHECK_TEXT(buf_text(&bench.said), "");
}

TEST(what_is_there_is_not_sent_again)
{
	BENCH(bench);
	struct digest id = HOUSE_TREE(bench.a.store, {"file", "text", NULL, 0});

	CHECK(push(&bench, &id, 60000).sent == 1);
	struct push_result again = push(&bench, &id, 60000);
	CHECK(again.sent == 0 && again.there == 1 && again.bytes == 0);
}

TEST(an_archive_that_was_cleaned_away_is_sent_again)
{
	BENCH(bench);
	struct statement statement;
	struct digest id = HOUSE_TREE(bench.a.store, {"file", "text", NULL, 0});

	CHECK(push(&bench, &id, 60000).sent == 1);
	CHECK(fs_remove_at(bench.scratch.fd, "cache/cas", NULL) == 0);
	CHECK(pull(&bench, &statement) == 0);
	CHECK(push(&bench, &id, 60000).sent == 1);
	CHECK(pull(&bench, &statement) == 1);
}

TEST(who_was_first_has_the_word)
{
	BENCH(bench);
	struct statement statement;
	struct digest first = HOUSE_TREE(bench.a.store, {"file", "first", NULL, 0});
	struct digest second = HOUSE_TREE(bench.a.store, {"file", "second", NULL, 0});

	CHECK(push(&bench, &first, 60000).sent == 1);
	CHECK(push(&bench, &second, 60000).there == 1);
	CHECK(pull(&bench, &statement) == 1 && digest_equal(&statement.output, &first));
}

/* Puts a record in the cache where that of some_key() belongs. */
static void
plant(struct bench *bench, const struct statement *statement, const struct sign_secret *secret)
{
	cleanup_buf struct buf text = {0};
	struct remote_name action = remote_action(some_key());
	cleanup_free char *ac = mem_printf("cache/%s", action.text);

	CHECK(statement_print(statement, secret, &text, NULL) == 0);
	CHECK(fs_mkdirs_at(bench->scratch.fd, "cache/ac", 0755, NULL) == 0);
	CHECK(fs_create_at(bench->scratch.fd, ac, 0644, text.data, text.length, NULL) == 0);
}

static void
gives_way(const struct digest *key, bool is_strangers)
{
	BENCH(bench);
	struct digest id = HOUSE_TREE(bench.a.store, {"file", "text", NULL, 0});
	const struct statement planted = {.key = *key, .output = sha256_of("other", 5)};
	struct statement statement;
	struct sign_secret stranger;

	CHECK(sign_new(&stranger, NULL) == 0);
	plant(&bench, &planted, is_strangers ? &stranger : &bench.caches.secret);
	CHECK(push(&bench, &id, 60000).sent == 1);
	CHECK(pull(&bench, &statement) == 1 && digest_equal(&statement.output, &id));
}

TEST(a_record_that_nobody_would_take_does_not_keep_ours_out)
{
	struct digest other = sha256_of("another action", 14);

	gives_way(some_key(), true);
	gives_way(&other, false);
}

/* What is signed need not be true. */
struct lie {
	const struct buf *archive;
	struct digest output;
	uint64_t bytes, entries;
};

static void
tell(struct bench *bench, const struct lie *lie)
{
	cleanup_buf struct buf text = {0};
	struct digest sha256 = sha256_of(lie->archive->data, lie->archive->length);
	struct remote_name action = remote_action(some_key());
	struct remote_name content = remote_content(&sha256);
	const struct statement statement = {
		.key = *some_key(),
		.output = lie->output,
		.has_archive = true,
		.archive = sha256,
		.archive_size = lie->archive->length,
		.bytes = lie->bytes,
		.entries = lie->entries,
	};

	CHECK(statement_print(&statement, &bench->caches.secret, &text, NULL) == 0);
	fs_mkdirs_at(bench->scratch.fd, "cache/ac", 0755, NULL);
	fs_mkdirs_at(bench->scratch.fd, "cache/cas", 0755, NULL);
	cleanup_free char *ac = mem_printf("cache/%s", action.text);
	cleanup_free char *cas = mem_printf("cache/%s", content.text);
	CHECK(fs_create_at(bench->scratch.fd, ac, 0644, text.data, text.length, NULL) == 0);
	CHECK(fs_create_at(bench->scratch.fd, cas, 0644, lie->archive->data, lie->archive->length,
		      NULL) == 0);
}

/* Is it not used, and is that said in these words? */
static bool
is_refused(const struct lie *lie, const char *words)
{
	struct bench bench;
	struct statement statement;

	bench_init(&bench, NULL);
	tell(&bench, lie);
	bool is_good = pull(&bench, &statement) == 0 && strstr(buf_text(&bench.said), words) &&
		       !store_has_tree(bench.b.store, &lie->output);
	if (!is_good) {
		printf("# %s\n", buf_text(&bench.said));
	}
	bench_done(&bench);
	return is_good;
}

static struct digest
tree_of_one_file(void)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"file", "text", NULL, 0});

	house_done(&house);
	return id;
}

TEST(a_signed_archive_that_is_wrong_is_not_used)
{
	cleanup_buf struct buf tar = {0}, good = {0}, other = {0}, climbing = {0}, device = {0},
			       garbage = {0}, many = {0};
	struct digest id = tree_of_one_file();
	struct err err = {0};

	if (sandbox_probe(&err) < 0) {
		SKIP("this host refuses the sandbox");
	}
	tar_file(&tar, "file", "text");
	tar_end(&tar);
	compressed("zstd", tar.data, tar.length, &good);
	tar.length = 0;
	tar_file(&tar, "file", "other");
	tar_end(&tar);
	compressed("zstd", tar.data, tar.length, &other);
	tar.length = 0;
	tar_file(&tar, "../file", "text");
	tar_end(&tar);
	compressed("zstd", tar.data, tar.length, &climbing);
	tar.length = 0;
	tar_add(&tar, '3', "file", "", 0644, "", 0);
	tar_end(&tar);
	compressed("zstd", tar.data, tar.length, &device);
	tar.length = 0;
	tar_file(&tar, "file", "text");
	tar_file(&tar, "more", "text");
	tar_end(&tar);
	compressed("zstd", tar.data, tar.length, &many);
	buf_puts(&garbage, "this is no archive");
	CHECK(is_refused(&(struct lie){&other, id, 100, 100}, "another tree than its record says"));
	CHECK(is_refused(&(struct lie){&many, id, 100, 100}, "another tree than its record says"));
	CHECK(is_refused(&(struct lie){&climbing, id, 100, 100}, "climbs"));
	CHECK(is_refused(&(struct lie){&device, id, 100, 100}, "device"));
	CHECK(is_refused(&(struct lie){&garbage, id, 100, 100}, "not an archive"));
	CHECK(is_refused(&(struct lie){&good, id, 3, 100}, "3 bytes"));
	CHECK(is_refused(&(struct lie){&many, id, 100, 1}, "more than 1 entries"));
	good.length -= 4;
	CHECK(is_refused(&(struct lie){&good, id, 100, 100}, "archive"));
}

TEST(a_signed_archive_that_is_right_is_used_whoever_made_it)
{
	BENCH(bench);
	cleanup_buf struct buf tar = {0}, archive = {0};
	struct statement statement;
	struct digest id = tree_of_one_file();

	tar_file(&tar, "./file", "text");
	tar_end(&tar);
	compressed("xz", tar.data, tar.length, &archive);
	tell(&bench, &(struct lie){&archive, id, 4, 1});
	CHECK(pull(&bench, &statement) == 1 && store_has_tree(bench.b.store, &id));
}

/* A server that takes connections and never says a word. */
static int
listen_silently(char url[static 64])
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 16) < 0 ||
		getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
		abort();
	}
	snprintf(url, 64, "http://127.0.0.1:%d/", ntohs(address.sin_port));
	return fd;
}

TEST(who_waits_for_pushes_waits_no_longer_than_it_says)
{
	char url[64];
	cleanup_fd int server = listen_silently(url);
	BENCH_WITH(bench, url);
	struct digest id = HOUSE_TREE(bench.a.store, {"file", "text", NULL, 0});

	struct push_result result = push(&bench, &id, 1);
	CHECK(server >= 0 && result.left == 1 && result.sent == 0);
}
