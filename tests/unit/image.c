/* SPDX-License-Identifier: MIT */
#include "launcher/image.h"
#include "base/buf.h"
#include "base/err.h"
#include "launcher/elf.h"
#include "plan/runtime.h"

#include "test.h"

static const char *const libraries[] = {"libz.so.1", "lib/libown.so.2", "ld-linux-x86-64.so.2"};
static const bool named[] = {false, true, true};
static const struct runtime_env operations[] = {
	{ENV_DEFAULT, "CERTS", "${ROOT}/etc", NULL},
	{ENV_PREPEND, "PATH", "${ROOT}/bin", ":"},
	{ENV_UNSET, "GONE", NULL, NULL},
};

static struct image_spec
good_spec(void)
{
	return (struct image_spec){
		.machine = EM_X86_64,
		.kind = CONFIG_DYNAMIC,
		.is_glibc = true,
		.up = "..",
		.id = "0123456789abcdef",
		.program = "exe/curl",
		.interpreter = "lib/ld-linux-x86-64.so.2",
		.library_dir = "lib",
		.debug = 0x1230,
		.needed = libraries,
		.is_named = named,
		.needed_count = 3,
		.env = operations,
		.env_count = 3,
	};
}

TEST(what_is_built_reads_back)
{
	struct image_spec spec = good_spec();
	struct buf file = {0};
	struct err err = {0};
	struct config config;
	const char *why = "unset";

	CHECK_OR_RETURN(image_build(&spec, &file, &err) == 0);
	CHECK_OR_RETURN(image_read(file.data, file.length, &config, &why) && !why);
	CHECK(config.head->levels == 1 && config.head->debug == 0x1230);
	CHECK_TEXT(config.program, "brun-resources.d/0123456789abcdef/exe/curl");
	CHECK_TEXT(config.library_dir, "brun-resources.d/0123456789abcdef/lib");
	CHECK_TEXT(config.script, "");
	CHECK(config.head->needed_count == 3 && config.head->env_count == 3);
	CHECK_TEXT(config_next(config.needed), "+lib/libown.so.2");
	CHECK_TEXT(config_next(config_next(config.needed)), "=ld-linux-x86-64.so.2");
	struct config_env env = config_env_next(config_env_next(config.env).rest);
	CHECK(env.verb == CONFIG_ENV_PREPEND);
	CHECK_TEXT(env.value, "${ROOT}/bin");
	buf_done(&file);
}

TEST(the_same_spec_gives_the_same_bytes)
{
	struct image_spec spec = good_spec();
	struct buf one = {0}, two = {0};

	CHECK(image_build(&spec, &one, NULL) == 0 && image_build(&spec, &two, NULL) == 0);
	CHECK(one.length == two.length && memcmp(one.data, two.data, one.length) == 0);
	buf_done(&one);
	buf_done(&two);
}

TEST(a_launcher_is_one_read_only_segment_that_can_be_mapped)
{
	struct image_spec spec = good_spec();
	struct buf file = {0};
	struct elf elf;
	int loads = 0;

	CHECK_OR_RETURN(image_build(&spec, &file, NULL) == 0);
	CHECK_OR_RETURN(!elf_open(file.data, file.length, &elf));
	CHECK(!elf_check_segments(&elf, 4096, file.length) && !elf_interpreter(&elf));
	for (uint16_t i = 0; i < elf.segment_count; i++) {
		Elf64_Phdr segment = elf_segment(&elf, i);
		loads += segment.p_type == PT_LOAD;
		CHECK(segment.p_type != PT_LOAD || !(segment.p_flags & PF_W));
		CHECK(segment.p_type != PT_DYNAMIC);
	}
	CHECK(loads == 1);
	buf_done(&file);
}

TEST(a_payload_ends_the_file_on_a_page_of_any_size)
{
	struct image_spec spec = good_spec();
	struct buf file = {0};
	struct config config;
	const char *why;

	spec.program = NULL;
	spec.payload = "payload";
	spec.payload_size = 7;
	CHECK_OR_RETURN(image_build(&spec, &file, NULL) == 0);
	CHECK_OR_RETURN(image_read(file.data, file.length, &config, &why) && !why);
	CHECK(config.head->payload_offset % 65536 == 0 && config.head->payload_size == 7);
	CHECK(config.head->payload_offset + 7 == file.length);
	CHECK(memcmp(file.data + config.head->payload_offset, "payload", 7) == 0);
	buf_done(&file);
}

TEST(what_a_launcher_cannot_hold_is_refused)
{
	struct buf file = {0};
	struct err err = {0};
	struct image_spec spec = good_spec();

	spec.machine = EM_386;
	CHECK(image_build(&spec, &file, &err) == -1 && err.status == STATUS_UNPACKABLE);
	CHECK_TEXT(err.text, "exe/curl: no launcher for ELF machine 3 in this build of brun");
	spec = good_spec();
	spec.env_count = CONFIG_ENV_MAX + 1;
	CHECK(image_build(&spec, &file, &err) == -1 && err.status == STATUS_UNPACKABLE);
	spec = good_spec();
	spec.interpreter = NULL;
	CHECK(image_build(&spec, &file, &err) == -1);
	spec = good_spec();
	spec.needed = (const char *const[]){"=odd.so"};
	spec.needed_count = 1;
	CHECK(image_build(&spec, &file, &err) == -1 && err.status == STATUS_UNPACKABLE);
	spec.needed = (const char *const[]){"+odd.so"};
	CHECK(image_build(&spec, &file, &err) == -1 && err.status == STATUS_UNPACKABLE);
	spec = good_spec();
	spec.up = "../x";
	CHECK(image_build(&spec, &file, &err) == -1 && file.length == 0);
}

/* Each of both takes a word of the stack that the launcher starts on. */
TEST(arguments_and_operations_together_are_bounded)
{
	char words[2 * (CONFIG_ENV_MAX - 2)];
	struct buf file = {0};
	struct err err = {0};
	struct config config;
	const char *why = NULL;
	struct image_spec spec = good_spec();

	/* Three operations, and as many words as go beside them. */
	memset(words, 'a', sizeof(words));
	for (size_t i = 1; i < sizeof(words); i += 2) {
		words[i] = '\n';
	}
	words[2 * (CONFIG_ENV_MAX - 3) - 1] = '\0';
	spec.kind = CONFIG_SCRIPT;
	spec.script = "bin/.s";
	spec.argument = words;
	CHECK_OR_RETURN(image_build(&spec, &file, &err) == 0);
	CHECK(image_read(file.data, file.length, &config, &why) && !why);
	CHECK(config.head->argument_count == CONFIG_ENV_MAX - 3);
	const char *argument = config.arguments;
	for (uint32_t i = 0; i < CONFIG_ENV_MAX - 3; i++, argument = config_next(argument)) {
		CHECK_TEXT(argument, "a");
	}
	char *count = file.data + ((const char *)config.head - file.data) +
		      offsetof(struct config_head, argument_count);
	*count = (char)(CONFIG_ENV_MAX - 2);
	CHECK(image_read(file.data, file.length, &config, &why) && why);
	buf_done(&file);
	words[2 * (CONFIG_ENV_MAX - 3) - 1] = '\n';
	words[2 * (CONFIG_ENV_MAX - 3) + 1] = '\0';
	CHECK(image_build(&spec, &file, &err) == -1 && err.status == STATUS_UNPACKABLE);
}

TEST(other_files_are_not_launchers_and_damaged_ones_are_said_to_be)
{
	struct image_spec spec = good_spec();
	struct buf file = {0}, self = {0};
	struct config config;
	const char *why = NULL;

	CHECK(!image_read("#!/bin/sh\n", 10, &config, &why));
	CHECK_OR_RETURN(image_build(&spec, &file, NULL) == 0);
	char *magic = memmem(file.data, file.length, "brunlch4", 8);
	CHECK_OR_RETURN(magic);
	magic[20] = (char)0xff;
	CHECK(image_read(file.data, file.length, &config, &why));
	CHECK_TEXT(why, "a damaged configuration");
	buf_done(&file);
	buf_done(&self);
}
