/* SPDX-License-Identifier: MIT */
/* What the packer makes of one fixed tree, held against the digest beside PACK_VERSION. */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/replace.h"
#include "base/sha256.h"
#include "elf_maker.h"
#include "launcher/image.h"
#include "launcher/pack.h"
#include "launcher/rules.h"
#include "plan/runtime.h"
#include "scratch.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static const char libc_names[] = "\0/usr/lib/x86_64-linux-gnu/gconv\0/usr/lib/locale\0"
				 "/usr/lib/locale/locale-archive\0/usr/share/locale\0LOCPATH\0"
				 "GCONV_PATH";
static const char linker_names[] = "\0/etc/ld.so.cache\0/etc/ld.so.preload"
				   "\0/lib/x86_64-linux-gnu/\0/usr/lib/\0/lib/";

#define INTERPRETER "/lib64/ld-linux-x86-64.so.2"

static const struct {
	const char *path;
	struct elf_recipe recipe;
	const char *behind; /* the last segment */
} programs[] = {
	{"root" INTERPRETER,
		{.soname = "ld-linux-x86-64.so.2",
			.text = linker_names,
			.text_size = sizeof(linker_names)},
		NULL},
	{"root/lib64/libc.so.6",
		{.soname = "libc.so.6",
			.needed = {"ld-linux-x86-64.so.2"},
			.text = libc_names,
			.text_size = sizeof(libc_names)},
		NULL},
	{"root/bin/sh", {.is_program = true, .interpreter = INTERPRETER, .needed = {"libc.so.6"}},
		NULL},
	{"root/lib64/libgcc_s.so.1", {.soname = "libgcc_s.so.1", .needed = {"libc.so.6"}}, NULL},
	{"root/lib64/libssl.so.3", {.soname = "libssl.so.3", .needed = {"libc.so.6"}}, NULL},
	{"package/lib/libown.so.1",
		{.soname = "libown.so.1", .runpath = "/brun/lib:/usr/lib", .needed = {"libc.so.6"}},
		NULL},
	{"package/bin/tool",
		{.is_program = true,
			.interpreter = INTERPRETER,
			.runpath = "/brun/lib",
			.needed = {"libown.so.1", "libssl.so.3", "libc.so.6"},
			.imports = {"setlocale", "iconv_open", "pthread_cancel"}},
		NULL},
	{"package/bin/sfx",
		{.is_program = true, .interpreter = INTERPRETER, .needed = {"libc.so.6"}},
		"the data that the program looks for in its own file"},
};

static const struct {
	const char *path, *text;
	mode_t mode;
} texts[] = {
	{"package/bin/script", "#!/bin/sh -u\nprefix=/brun\necho \"$0\"\n", 0755},
	{"package/bin/nested", "#!/usr/bin/env -S X=1 script 'a b' -c\n", 0755},
	{"package/lib/module.pyc", "\247\r\r\n....", 0644},
	{"package/lib/pkgconfig/own.pc", "prefix=/brun\nlibdir=${prefix}/lib\n", 0644},
	{"package/lib/libown.la", "libdir='/brun/lib'\n", 0644},
	{"package/share/still", "/brun/share\n", 0644},
	{"root/etc/ssl/certs/ca-certificates.crt", "data", 0644},
	{"root/usr/lib/locale/C.utf8/LC_CTYPE", "data", 0644},
	{"root/var/lib/dpkg/info/libc6.list", "/.\n/lib64\n/lib64/libc.so.6\n", 0644},
	{"root/var/lib/dpkg/status",
		"Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36\n",
		0644},
	{"root/usr/lib/x86_64-linux-gnu/gconv/gconv-modules", "module UTF-16// INTERNAL UTF-16 1\n",
		0644},
};

static const struct runtime_env operation = {ENV_DEFAULT, "SHARE", "${ROOT}/share", NULL};

static void
make_trees(int top)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		cleanup_buf struct buf file = {0};
		elf_make(&programs[i].recipe, &file);
		buf_puts(&file, programs[i].behind ? programs[i].behind : "");
		scratch_file(top, programs[i].path, 0755, "");
		CHECK(replace_file(top, programs[i].path, 0755, file.data, file.length, NULL) == 0);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		scratch_file(top, texts[i].path, texts[i].mode, texts[i].text);
	}
	CHECK(symlinkat("/brun/bin/tool", top, "package/bin/alias") == 0);
}

/* A launcher's bytes without those that the compiler made: its configuration, but for the place of
 * the payload, and the payload. Other files whole. */
static void
hash_file(struct sha256 *hash, const struct buf *file)
{
	struct config config;
	const char *why = NULL;

	if (!image_read(file->data, file->length, &config, &why)) {
		sha256_update(hash, file->data, file->length);
		return;
	}
	CHECK_TEXT(why ? why : "", "");
	struct config_head head = *config.head;
	head.payload_offset = 0;
	sha256_update(hash, &head, sizeof(head));
	sha256_update(hash, config.head + 1, head.size - sizeof(head));
	sha256_update(hash, file->data + file->length - head.payload_size, head.payload_size);
}

static void
hash_entry(struct sha256 *hash, int dir, const char *name, const char *path, const struct stat *st)
{
	cleanup_buf struct buf file = {0};
	char target[PATH_MAX] = "";

	sha256_update(hash, path, strlen(path) + 1);
	sha256_update(hash, &(char){st->st_mode & 0111 ? 'x' : '-'}, 1);
	if (S_ISLNK(st->st_mode)) {
		ssize_t length = readlinkat(dir, name, target, sizeof(target));
		sha256_update(hash, target, length < 0 ? 0 : (size_t)length);
	} else {
		CHECK(fs_read_at(dir, name, 1 << 20, &file, NULL) == 0);
		hash_file(hash, &file);
	}
}

static void
hash_dir(struct sha256 *hash, int dir, const char *path)
{
	cleanup_free char **names = NULL;
	size_t count = 0;

	CHECK_OR_RETURN(fs_list_dir(dir, &names, &count, NULL) == 0);
	for (size_t i = 0; i < count; i++) {
		struct stat st = {0};
		cleanup_free char *below = mem_printf("%s/%s", path, names[i]);
		CHECK(fstatat(dir, names[i], &st, AT_SYMLINK_NOFOLLOW) == 0);
		if (S_ISDIR(st.st_mode)) {
			cleanup_fd int fd = fs_open_dir(dir, names[i], NULL);
			hash_dir(hash, fd, below);
		} else {
			hash_entry(hash, dir, names[i], below, &st);
		}
	}
}

static void
hash_words(struct sha256 *hash, const char *const *words)
{
	for (; *words; words++) {
		sha256_update(hash, *words, strlen(*words) + 1);
	}
	sha256_update(hash, "", 1);
}

/* What the rules are is in the bytes of the trees that they hold for. */
static void
hash_rules(struct sha256 *hash)
{
	for (const struct rule *rule = rules; rule->name; rule++) {
		const char *words[] = {rule->name, rule->proof ? rule->proof : "",
			rule->is_script ? "script" : "", rule->is_first ? "first" : "",
			rule->is_named ? "named" : "", rule->has_programs ? "programs" : "",
			rule->is_whole ? "whole" : "", rule->place ? rule->place : "",
			rule->keeps_names ? "names" : "", rule->is_opened ? "opened" : "",
			rule->is_spelled ? "spelled" : "", NULL};
		hash_words(hash, words);
		hash_words(hash, rule->programs);
		hash_words(hash, rule->libraries);
		hash_words(hash, rule->imports);
		hash_words(hash, rule->data);
		hash_words(hash, rule->except);
		hash_words(hash, rule->opens);
		for (size_t i = 0; i < RULE_OPERATIONS && rule->operations[i].name; i++) {
			const char *done[] = {
				rule->operations[i].name, rule->operations[i].value, NULL};
			hash_words(hash, done);
		}
	}
}

/* Packs the fixed tree; the digest over all that came out, and the warnings. */
static void
pack_fixed(int top, char hex[DIGEST_HEX])
{
	struct pack_report report = {0};
	struct err err = {0};
	struct sha256 hash;
	cleanup_fd int package = fs_open_dir(top, "package", NULL);
	cleanup_fd int root = fs_open_dir(top, "root", NULL);
	CHECK(mkdirat(top, "output", 0755) == 0);
	cleanup_fd int output = fs_open_dir(top, "output", NULL);
	const struct pack_source source = {root, "/", "base"};
	const struct pack_spec spec = {.package = {package, "/brun", "package"},
		.sources = &source,
		.source_count = 1,
		.env = &operation,
		.env_count = 1};

	CHECK(pack_tree(&spec, output, &report, &err) == 0);
	CHECK_TEXT(err.text, "");
	sha256_init(&hash);
	hash_dir(&hash, output, "");
	hash_rules(&hash);
	struct digest digest = sha256_final(&hash);
	digest_hex(&digest, hex);
	pack_report_done(&report);
}

TEST(the_packers_version_is_raised_when_the_bytes_change)
{
	char hex[DIGEST_HEX];
	struct scratch scratch = scratch_new();

	make_trees(scratch.fd);
	pack_fixed(scratch.fd, hex);
	scratch_done(&scratch);
	if (strcmp(hex, PACK_PINNED) != 0) {
		printf("# the packer makes other bytes of the same tree than version %s did:\n"
		       "# raise PACK_VERSION in launcher/pack.h and set PACK_PINNED to\n"
		       "# %s\n",
			PACK_VERSION, hex);
	}
	CHECK_TEXT(hex, PACK_PINNED);
}

TEST(the_launchers_own_bytes_have_a_version)
{
	CHECK(strlen(image_launcher_version()) == 16);
	CHECK(strspn(image_launcher_version(), "0123456789abcdef") == 16);
}
