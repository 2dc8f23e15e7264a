/* SPDX-License-Identifier: MIT */
/* A tree in which every file may be hostile goes through the packer. The input is cut at "\n--\n"
 * into up to four files: a program, a library that is found, a module, a script. */
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

static const char *const names[] = {
	"tree/bin/program", "tree/lib/libx.so", "tree/lib/module.so", "tree/bin/script"};
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
	fs_mkdirs_at(top, "tree/bin", 0755, NULL);
	fs_mkdirs_at(top, "tree/lib", 0755, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const uint8_t *end = size > 0 ? memmem(data, size, "\n--\n", 4) : NULL;
		size_t length = end ? (size_t)(end - data) : size;
		fs_create_at(top, names[i], 0755, data, length, NULL);
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
		pack_inspect(path, 1, &text, &err);
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
