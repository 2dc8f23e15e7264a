/* SPDX-License-Identifier: MIT */
#include "launcher/config.h"

#include "test.h"

/* Two references past the nine own ones: one needed entry; then one operation and its verb. */
struct file {
	char magic[8];
	uint32_t size, kind, flags, needed_count, env_count, zero;
	uint64_t payload_offset, payload_size, debug;
	struct config_string up, id, program, interpreter, library_dir, runpath, argv0, argument,
		script, needed, name, value, separator;
	uint32_t verb;
	char text[28];
} __attribute__((packed));

static struct file
good_file(void)
{
	enum { TEXT = offsetof(struct file, text) };
	struct file file = {
		.magic = {'b', 'r', 'u', 'n', 'l', 'c', 'h', '1'},
		.size = sizeof(struct file),
		.kind = CONFIG_DYNAMIC,
		.flags = 1,
		.needed_count = 1,
		.env_count = 1,
		.up = {TEXT, 5},
		.id = {TEXT + 6, 2},
		.program = {TEXT + 9, 3},
		.interpreter = {TEXT + 13, 2},
		.needed = {TEXT + 16, 4},
		.name = {TEXT + 21, 1},
		.value = {TEXT + 23, 4},
		.verb = CONFIG_ENV_SET,
		.text = "../..\0id\0exe\0ld\0libc\0N\0valu",
	};

	return file;
}

static const char *
parse(const struct file *file, struct config *config)
{
	return config_parse(file, sizeof(*file), config);
}

static bool
is_text(const struct file *file, struct config_string string, const char *wanted)
{
	return string.length == strlen(wanted) &&
	       memcmp((const char *)file + string.offset, wanted, string.length + 1) == 0;
}

TEST(a_good_configuration_reads_back)
{
	struct file file = good_file();
	struct config config = {0};

	CHECK_OR_RETURN(!parse(&file, &config));
	CHECK(config.kind == CONFIG_DYNAMIC && config.is_glibc);
	CHECK(is_text(&file, config.up, "../..") && is_text(&file, config.program, "exe"));
	CHECK(config.script.length == 0);
	CHECK_OR_RETURN(config.needed_count == 1 && config.env_count == 1);
	CHECK(is_text(&file, config_needed_get(&config, 0), "libc"));
	struct config_env env = config_env_get(&config, 0);
	CHECK(env.verb == CONFIG_ENV_SET && is_text(&file, env.name, "N") &&
		is_text(&file, env.value, "valu") && env.separator.length == 0);
}

TEST(every_cut_is_noticed)
{
	struct file file = good_file();
	struct config config;

	for (size_t size = 0; size < sizeof(file); size++) {
		CHECK(config_parse(&file, size, &config));
	}
}

TEST(another_version_and_no_configuration_are_told_apart)
{
	struct file file = good_file();
	struct config config;

	file.magic[7] = '2';
	CHECK_TEXT(parse(&file, &config), "a configuration of another version");
	file.magic[0] = 'x';
	CHECK_TEXT(parse(&file, &config), "no configuration");
}

TEST(strings_outside_or_without_end_are_refused)
{
	struct file file = good_file();
	struct config config;

	file.value.length = 5;
	CHECK_TEXT(parse(&file, &config), "a damaged configuration");
	file.value = (struct config_string){UINT32_MAX, 1};
	CHECK(parse(&file, &config));
	file.value = (struct config_string){offsetof(struct file, text), UINT32_MAX};
	CHECK(parse(&file, &config));
	file.value = (struct config_string){offsetof(struct file, text), 8};
	CHECK_TEXT(parse(&file, &config), "a damaged configuration");
}

TEST(counts_that_do_not_fit_are_refused)
{
	struct file file = good_file();
	struct config config;

	file.needed_count = UINT32_MAX;
	CHECK(parse(&file, &config));
	file = good_file();
	file.env_count = CONFIG_ENV_MAX + 1;
	CHECK(parse(&file, &config));
	file.env_count = 100;
	CHECK(parse(&file, &config));
}

TEST(settings_that_make_no_sense_are_refused)
{
	struct config config;

	for (int i = 0; i < 7; i++) {
		struct file file = good_file();
		file.kind = i == 0 ? 0 : i == 1 ? CONFIG_SCRIPT : i == 2 ? CONFIG_STATIC : 1;
		file.verb = i == 3 ? 7 : CONFIG_ENV_SET;
		file.zero = i == 4;
		file.payload_size = i == 5;
		file.text[0] = i == 6 ? '/' : '.';
		CHECK_TEXT(parse(&file, &config), "a configuration that makes no sense");
	}
}
