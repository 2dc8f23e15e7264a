/* SPDX-License-Identifier: MIT */
/* Limits that a person sets, and who has the last word. */
#include "build/limit.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "plan/plan.h"
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static uint64_t
memory_of(const char *text)
{
	struct limits limits = {0};
	struct err err = {0};
	cleanup_free char *argument = mem_printf("memory=%s", text);

	if (limit_add(&limits, argument, &err) == 0) {
		return limits.given.memory_bytes;
	}
	CHECK(err.status == STATUS_USAGE && strstr(err.text, "K, M, G or T"));
	return 0;
}

TEST(bytes_have_units)
{
	CHECK(memory_of("1") == 1 && memory_of("1000") == 1000);
	CHECK(memory_of("2K") == 2048 && memory_of("3M") == 3 << 20);
	CHECK(memory_of("4G") == UINT64_C(4) << 30 && memory_of("5T") == UINT64_C(5) << 40);
}

TEST(what_is_no_number_of_bytes_is_refused)
{
	static const char *const bad[] = {"", "0", "-1", "+1", " 1", "1 ", "1.5G", "G", "1g", "1GB",
		"1GG", "1m", "16777216T", "18446744073709551617", "0x10"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK(memory_of(bad[i]) == 0);
	}
}

TEST(times_have_units)
{
	struct limits limits = {0};

	CHECK(limit_add(&limits, "time=2h", NULL) == 0 && limits.given.wall_seconds == 7200);
	CHECK(limit_add(&limits, "time=90s", NULL) == 0 && limits.given.wall_seconds == 90);
	CHECK(limit_add(&limits, "silence=3m", NULL) == 0 && limits.given.silence_seconds == 180);
	CHECK(limit_add(&limits, "processes=64", NULL) == 0 && limits.given.processes == 64);
	CHECK(limit_add(&limits, "processes=64K", NULL) == -1);
}

TEST(an_unknown_limit_is_named_beside_the_known)
{
	static const char *const bad[] = {"cpu=1", "tim=1", "times=1", "=1", ""};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct limits limits = {0};
		struct err err = {0};
		CHECK(limit_add(&limits, bad[i], &err) == -1 && err.status == STATUS_USAGE);
		CHECK(strstr(err.text, "time, silence, memory, disk, log, processes"));
	}
}

static int
configured(const char *text, struct limits *limits, struct err *err)
{
	char dir[] = "/tmp/brun-limit-XXXXXX";

	if (!mkdtemp(dir)) {
		abort();
	}
	setenv("XDG_CONFIG_HOME", dir, 1);
	cleanup_fd int fd = fs_open_dir(AT_FDCWD, dir, err);
	fs_mkdirs_at(fd, "brun", 0755, err);
	fs_create_at(fd, "brun/config.json", 0644, text, strlen(text), err);
	int result = limit_configure(limits, err);
	fs_remove_at(AT_FDCWD, dir, NULL);
	return result;
}

TEST(the_configuration_takes_numbers_and_texts)
{
	struct limits limits = {0};
	struct err err = {0};

	CHECK(configured("{\"mirrors\": {}, \"limits\": {\"time\": 60, \"disk\": \"1G\"}}", &limits,
		      &err) == 0);
	CHECK(limits.configured.wall_seconds == 60 && limits.configured.disk_bytes == 1 << 30);
	CHECK(configured("{}", &limits, &err) == 0);
}

TEST(what_is_wrong_in_the_configuration_is_named)
{
	static const struct {
		const char *text, *complaint;
	} bad[] = {
		{"{\"limits\": 1}", "limits: expected an object"},
		{"{\"limits\": {\"time\": -1}}", "limits.time: expected seconds"},
		{"{\"limits\": {\"time\": 1.5}}", "limits.time: expected seconds"},
		{"{\"limits\": {\"time\": \"soon\"}}", "limits.time: expected seconds"},
		{"{\"limits\": {\"wall\": 1}}", "there is no limit 'wall'"},
		{"[]", "expected an object"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct limits limits = {0};
		struct err err = {0};
		CHECK(configured(bad[i].text, &limits, &err) == -1 && err.status == STATUS_USAGE);
		CHECK(strstr(err.text, "config.json") && strstr(err.text, bad[i].complaint));
	}
}

TEST(the_command_line_goes_before_the_recipe_and_that_before_the_configuration)
{
	struct action action = {.kind = ACTION_RUN};
	struct limits limits = {0};
	struct sandbox_limits result;

	limit_of(&action, NULL, &result);
	CHECK(result.wall_seconds == 14400 && result.memory_bytes == 0);
	limits.configured.wall_seconds = 1;
	limits.configured.memory_bytes = 7;
	limit_of(&action, &limits, &result);
	CHECK(result.wall_seconds == 1 && result.memory_bytes == 7);
	action.run.limits.wall_seconds = 2;
	limit_of(&action, &limits, &result);
	CHECK(result.wall_seconds == 2);
	limits.given.wall_seconds = 3;
	limit_of(&action, &limits, &result);
	CHECK(result.wall_seconds == 3);
}

TEST(a_test_has_ten_minutes_unless_the_command_line_says_otherwise)
{
	struct action action = {.kind = ACTION_TEST};
	struct limits limits = {.configured.wall_seconds = 9000};
	struct sandbox_limits result;

	limit_of(&action, &limits, &result);
	CHECK(result.wall_seconds == 600);
	limits.given.wall_seconds = 20;
	limit_of(&action, &limits, &result);
	CHECK(result.wall_seconds == 20);
}
