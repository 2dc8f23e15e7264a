/* SPDX-License-Identifier: MIT */
#include "launcher/config.h"

#include "test.h"

#define STRINGS                                                                                    \
	"id\0exe\0ld\0lib\0\0\0\0"                                                                 \
	"libc\0=ld\0"                                                                              \
	"2N\0value\0:\0"

struct file {
	struct config_head head;
	char text[sizeof(STRINGS)];
} __attribute__((packed));

static struct file
good_file(void)
{
	struct file file = {
		.head =
			{
				.magic = {'b', 'r', 'u', 'n', 'l', 'c', 'h', '4'},
				.size = sizeof(struct file),
				.kind = CONFIG_DYNAMIC,
				.flags = CONFIG_GLIBC,
				.needed_count = 2,
				.env_count = 1,
				.levels = 2,
			},
		.text = STRINGS,
	};

	return file;
}

static const char *
parse(const struct file *file, struct config *config)
{
	return config_parse(file, sizeof(*file), config);
}

TEST(a_good_configuration_reads_back)
{
	struct file file = good_file();
	struct config config = {0};

	CHECK_OR_RETURN(!parse(&file, &config));
	CHECK(config.head->kind == CONFIG_DYNAMIC && config.head->levels == 2);
	CHECK_TEXT(config.id, "id");
	CHECK_TEXT(config.program, "exe");
	CHECK_TEXT(config.library_dir, "lib");
	CHECK_TEXT(config.script, "");
	CHECK_TEXT(config.needed, "libc");
	CHECK_TEXT(config_next(config.needed), "=ld");
	struct config_env env = config_env_next(config.env);
	CHECK(env.verb == CONFIG_ENV_SET);
	CHECK_TEXT(env.name, "N");
	CHECK_TEXT(env.value, "value");
	CHECK_TEXT(env.separator, ":");
}

TEST(every_cut_is_noticed)
{
	struct file file = good_file();
	struct config config;

	for (uint32_t size = 0; size < sizeof(file); size++) {
		CHECK(config_parse(&file, size, &config));
	}
	/* The last NUL is one more than there are strings. */
	for (uint32_t size = sizeof(struct config_head); size < sizeof(file) - 1; size++) {
		file.head.size = size;
		CHECK_TEXT(config_parse(&file, size, &config), "a damaged configuration");
	}
}

TEST(another_version_and_no_configuration_are_told_apart)
{
	struct file file = good_file();
	struct config config;

	file.head.magic[7] = '1';
	CHECK_TEXT(parse(&file, &config), "a configuration of another version");
	file.head.magic[0] = 'x';
	CHECK_TEXT(parse(&file, &config), "no configuration");
}

TEST(a_last_string_without_end_is_refused)
{
	struct file file = good_file();
	struct config config;

	file.text[sizeof(file.text) - 1] = 'x';
	CHECK_TEXT(parse(&file, &config), "a damaged configuration");
}

TEST(counts_that_do_not_fit_are_refused)
{
	struct config config;

	for (int i = 0; i < 7; i++) {
		struct file file = good_file();
		file.head.argument_count = i == 5 ? CONFIG_ENV_MAX : i == 6 ? UINT32_MAX : 0;
		file.head.needed_count = i == 0 ? UINT32_MAX : i == 1 ? 4 : 2;
		file.head.env_count = i == 2 ? CONFIG_ENV_MAX + 1 : i == 3 ? 2 : 1;
		file.head.levels = i == 4 ? CONFIG_LEVELS_MAX + 1 : 2;
		CHECK_TEXT(parse(&file, &config), "a damaged configuration");
	}
}

TEST(settings_that_make_no_sense_are_refused)
{
	struct config config;

	for (int i = 0; i < 9; i++) {
		struct file file = good_file();
		char *verb = memmem(file.text, sizeof(file.text), "2N", 3);
		file.head.kind = i == 0 ? 0 : i == 1 ? CONFIG_SCRIPT : i == 2 ? CONFIG_STATIC : 1;
		verb[0] = i == 3 ? '7' : CONFIG_ENV_SET;
		verb[1] = i == 4 ? '\0' : 'N';
		file.head.flags = i == 5 ? 4 : CONFIG_GLIBC;
		file.head.payload_size = i == 6;
		/* "libc" becomes an argument */
		file.head.argument_count = i == 8;
		file.head.needed_count = i == 8 ? 1 : 2;
		file.text[0] = i == 7 ? '\0' : 'i';
		CHECK(parse(&file, &config));
	}
}
