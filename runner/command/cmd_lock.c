/* SPDX-License-Identifier: MIT */
/* brun lock [PACKAGE…] */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "command/cmd.h"
#include "command/installation.h"
#include "command/interrupt.h"
#include "command/options.h"
#include "debian/lock.h"
#include "fetch/mirror.h"

#include <limits.h>
#include <stdio.h>

struct lock_options {
	const char *file, *keyring;
	struct option_list mirrors, removed;
	bool is_insecure, is_dry;
};

static int
run(const struct lock_options *options, char **names, size_t count,
	const struct installation *installation, const struct mirrors *mirrors,
	struct buf *ret_report, struct err *err)
{
	cleanup_free char *path =
		options->file ? mem_strdup(options->file)
			      : mem_printf("%s/toolchain.lock.json", installation->recipes);
	int cancel_fd = interrupt_open(err);
	struct lock_request request = {
		.path = path,
		.added = (const char *const *)names,
		.added_count = count,
		.removed = options->removed.items,
		.removed_count = options->removed.count,
		.keyring = options->keyring,
		.is_insecure = options->is_insecure,
		.is_dry = options->is_dry,
		.helper_dir = installation->helpers,
		.mirrors = mirrors,
		.cancel_fd = cancel_fd,
	};

	if (cancel_fd < 0) {
		return -1;
	}
	int result = lock_run(&request, ret_report, err);
	if (result < 0 && err->status == STATUS_INTERRUPTED) {
		interrupt_explain(cancel_fd, err);
	}
	interrupt_close(cancel_fd);
	return result;
}

static int
find_parts(const struct lock_options *options, struct installation *ret_installation,
	struct mirrors *ret_mirrors, struct err *err)
{
	return mirrors_add_all(ret_mirrors, options->mirrors.items, options->mirrors.count, err) < 0
		       ? -1
		       : installation_find(ret_installation, err);
}

int
cmd_lock(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct lock_options options = {0};
	const struct option_row rows[] = {
		{'f', "file", OPTION_TEXT, &options.file, "FILE",
			"the lock, instead of the one of brun's own recipes"},
		{0, "remove", OPTION_LIST, &options.removed, "PACKAGE", "want this one no more"},
		{'n', "dry-run", OPTION_FLAG, &options.is_dry, NULL,
			"tell what would change, write nothing"},
		{0, "keyring", OPTION_TEXT, &options.keyring, "FILE",
			"the keys of Debian's archive, instead of the host's"},
		{0, "insecure", OPTION_FLAG, &options.is_insecure, NULL,
			"take the index without checking its signature"},
		{0, "mirror", OPTION_LIST, &options.mirrors, "NAME=URL",
			"where mirror://NAME/ leads; before all others"},
		{0},
	};
	struct installation installation = {0};
	struct mirrors mirrors = {0};
	cleanup_buf struct buf report = {0};
	int count = 0;

	const struct option_operands operands = {0, INT_MAX, "names of packages", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	int result = find_parts(&options, &installation, &mirrors, err);
	if (result == 0) {
		if (options.is_insecure) {
			fputs("brun: the index's signature is not checked (--insecure)\n", stderr);
		}
		result = run(
			&options, argv + 1, (size_t)count, &installation, &mirrors, &report, err);
	}
	if (result == 0) {
		fputs(buf_text(&report), stdout);
	}
	installation_done(&installation);
	mirrors_done(&mirrors);
	return result;
}
