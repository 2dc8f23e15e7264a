/* SPDX-License-Identifier: MIT */
/* A tree in which every file may be hostile goes through the packer. The input is cut at "\n--\n"
 * into up to four files: a program, a library that is found, a module, a script. They stand for
 * more: the library for libc and one that a rule is about, the script for what data they look
 * for. */
#include "launcher/pack.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[][3] = {{"tree/bin/program", "tree/bin/python3.11"},
	{"tree/lib/libx.so", "tree/lib/libc.so.6", "tree/lib/libmagic.so.1"},
	{"tree/lib/module.so", "tree/lib/python3.11/module.so", "tree/lib/python3.11/x.pyc"},
	{"tree/bin/script", "tree/usr/lib/gconv/gconv-modules", "tree/share/misc/magic.mgc"}};
static const char *const folders[] = {"tree/bin", "tree/lib/python3.11", "tree/usr/lib/gconv",
	"tree/share/misc", "tree/usr/lib/locale/C.utf8"};
static char scratch[] = "/dev/shm/brun-fuzz-pack-XXXXXX";
static int top = -1;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
clean(void)
{
	fs_remove_at(AT_FDCWD, scratch, NULL);
}

static void
open_top(void)
{
	if (top >= 0) {
		return;
	}
	if (!mkdtemp(scratch) || (top = fs_open_dir(AT_FDCWD, scratch, NULL)) < 0) {
		abort();
	}
	atexit(clean);
}

static void
write_files(const uint8_t *data, size_t size)
{
	fs_remove_at(top, "tree", NULL);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		fs_mkdirs_at(top, folders[i], 0755, NULL);
	}
	fs_create_at(top, "tree/usr/lib/locale/C.utf8/LC_CTYPE", 0644, "", 0, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const uint8_t *end = size > 0 ? memmem(data, size, "\n--\n", 4) : NULL;
		size_t length = end ? (size_t)(end - data) : size;
		for (size_t k = 0; k < sizeof(names[i]) / sizeof(*names[i]) && names[i][k]; k++) {
			fs_create_at(top, names[i][k], 0755, data, length, NULL);
		}
		data += end ? length + 4 : length;
		size -= end ? length + 4 : length;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *const libs[] = {"libx.so", NULL};
	struct pack_report report = {0};
	struct buf text = {0};
	struct err err = {0};
	char path[64];

	open_top();
	write_files(data, size);
	fs_remove_at(top, "output", NULL);
	fs_mkdirs_at(top, "output", 0755, NULL);
	int tree = fs_open_dir(top, "tree", NULL), output = fs_open_dir(top, "output", NULL);
	/* The tree is its own base: what is found is hostile, too. */
	struct pack_source source = {tree, "/", "base"};
	struct pack_spec spec = {.package = {tree, "/brun", "package"},
		.sources = &source,
		.source_count = 1,
		.libs = size % 2 ? libs : NULL};
	if (pack_tree(&spec, output, &report, &err) == 0) {
		snprintf(path, sizeof(path), "%s/output", scratch);
		pack_inspect(path, true, &text, &err);
	} else if (err.status != STATUS_UNPACKABLE) {
		fprintf(stderr, "status %d: %s\n", err.status, err.text);
		abort();
	}
	pack_report_done(&report);
	buf_done(&text);
	close(tree);
	close(output);
	return 0;
}
