/* SPDX-License-Identifier: MIT */
/* bench-store DIRECTORY SCRATCH: what import, merge and export of the directory cost, against `cp
 * -a` and `sha256sum` of the same data. Each is run in turn, three rounds; the best of each counts.
 * SCRATCH is a new directory, on the file system to measure. */
#include "store/store.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "plan/plan.h"
#include "store/compose.h"
#include "store/output.h"
#include "store/store_tmp.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 3 };

struct bench {
	const char *from, *scratch;
	struct store *store;
	struct digest id;
	uint64_t bytes;
	size_t count;
};

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int
shell(const char *format, const struct bench *bench)
{
	/* The format is this file's own; %1$s is the directory, %2$s the scratch. */
	struct buf command = {0};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buf_printf(&command, format, bench->from, bench->scratch);
#pragma GCC diagnostic pop
	int result = system(command.data);
	buf_done(&command);
	return result;
}

static int
copy(struct bench *bench, struct err *err)
{
	(void)err;
	return shell("cp -a '%1$s' '%2$s/copy'", bench);
}

static int
hash(struct bench *bench, struct err *err)
{
	(void)err;
	return shell("find '%1$s' -type f -exec sha256sum {} + > '%2$s/hashes'", bench);
}

static int
import(struct bench *bench, struct err *err)
{
	struct store_tmp tmp;
	struct tree tree = {0};
	const struct tree_import how = {.is_borrowed = true};

	if (store_tmp_new(bench->store, &tmp, err) < 0) {
		return -1;
	}
	mkdirat(tmp.fd, "tree", 0700);
	cleanup_fd int from = open(bench->from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int to = fs_open_dir(tmp.fd, "tree", err);
	int result = tree_import(from, to, &how, &tree, err);
	if (result == 0) {
		result = store_put_tree(bench->store, &tmp, "tree", &tree, err);
	}
	bench->id = tree.id;
	bench->count = tree.count;
	bench->bytes = 0;
	for (size_t i = 0; i < tree.count; i++) {
		bench->bytes += tree.entries[i].size;
	}
	tree_done(&tree);
	store_tmp_free(bench->store, &tmp);
	return result;
}

/* The tree, and one file of its own for each round, so that there is something to lay. */
static int
merge(struct bench *bench, struct err *err)
{
	char text[64];
	struct digest ids[2] = {bench->id}, id;
	int length = snprintf(text, sizeof(text), "%f", now());
	struct action actions[3] = {{.kind = ACTION_UNPACK, .name = "tree", .where = ""},
		{.kind = ACTION_FILE,
			.name = "file",
			.where = "",
			.file = {.path = ".bench", .text = text, .text_length = (size_t)length}},
		{.kind = ACTION_MERGE,
			.name = "merge",
			.where = "",
			.inputs = (const struct action_input[]){{"tree", 0}, {"tree", 1}},
			.input_count = 2}};
	struct plan plan = {.actions = actions, .action_count = 3};

	if (compose_tree(bench->store, &plan, &actions[1], NULL, -1, &ids[1], err) < 0) {
		return -1;
	}
	return compose_tree(bench->store, &plan, &actions[2], ids, -1, &id, err);
}

static int export(struct bench *bench, struct err *err)
{
	cleanup_free char *path = mem_printf("%s/output", bench->scratch);
	bool is_fresh;

	return output_write(bench->store, &bench->id, path, true, &is_fresh, err);
}

/* What a round leaves goes before the next: not measured. */
static void
tidy(const struct bench *bench)
{
	char *left[] = {mem_printf("%s/copy", bench->scratch),
		mem_printf("%s/output", bench->scratch), store_tree_path(bench->store, &bench->id)};

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		(void)fs_remove_at(AT_FDCWD, left[i], NULL);
		free(left[i]);
	}
	sync();
}

static const struct {
	const char *name;
	int (*run)(struct bench *bench, struct err *err);
} parts[] = {{"cp -a", copy}, {"sha256sum", hash}, {"import", import}, {"merge", merge},
	{"export", export}};

enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static void
report(const struct bench *bench, const double *best)
{
	printf("%zu entries, %.1f MiB\n", bench->count, (double)bench->bytes / (1 << 20));
	for (size_t i = 0; i < PARTS; i++) {
		printf("%-10s %8.3f s %8.1f MiB/s   %.2f of cp -a   %.2f of cp -a + sha256sum\n",
			parts[i].name, best[i], (double)bench->bytes / (1 << 20) / best[i],
			best[i] / best[0], best[i] / (best[0] + best[1]));
	}
}

int
main(int argc, char **argv)
{
	struct bench bench = {0};
	struct err err = {0};
	double best[PARTS];

	if (argc != 3 || mkdir(argv[2], 0700) < 0) {
		fprintf(stderr, "bench-store DIRECTORY SCRATCH (new)\n");
		return 2;
	}
	bench.from = argv[1];
	bench.scratch = argv[2];
	cleanup_free char *store = mem_printf("%s/store", argv[2]);
	if (store_open(store, &bench.store, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < PARTS; i++) {
			double start = now();
			if (parts[i].run(&bench, &err) != 0) {
				fprintf(stderr, "%s: %s\n", parts[i].name, err.text);
				return 1;
			}
			double took = now() - start;
			best[i] = round && best[i] < took ? best[i] : took;
		}
		tidy(&bench);
	}
	report(&bench, best);
	store_close(bench.store);
	return fs_remove_at(AT_FDCWD, argv[2], &err) < 0;
}
