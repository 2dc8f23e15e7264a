/* SPDX-License-Identifier: MIT */
#include "fetch_bench.h"

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
