/* SPDX-License-Identifier: MIT */
/* Command-line options as a table: one place gives the parser, the complaints and the help. */
#ifndef BRUN_OPTIONS_H
#define BRUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

enum option_kind {
	OPTION_FLAG,  /* slot: bool *, set to true */
	OPTION_TEXT,  /* slot: const char **, borrowed from argv */
	OPTION_COUNT, /* slot: unsigned *, a whole number from 1 to 4096 */
	OPTION_LIST,  /* slot: struct option_list *, each use adds one */
};

struct option_list {
	const char *items[64];
	size_t count;
};

struct option_row {
	char letter; /* or 0 */
	const char *name;
	enum option_kind kind;
	void *slot;
	const char *operand; /* what the help calls the value: "DIR"; NULL for flags */
	const char *help;
};

/* The row that every command with a store has. slot: const char **. */
#define OPTION_STORE(slot)                                                                         \
	{                                                                                          \
		0, "store", OPTION_TEXT, slot, "DIR", "the store, instead of $BRUN_STORE"          \
	}

/* How many operands a command takes. */
struct option_operands {
	int least, most;
	const char *what;  /* for the complaint: "one recipe" */
	bool ends_options; /* the first operand does */
};

/* How every command begins. With ret_help one line an option is appended to it, as `brun help
 * COMMAND` shows them, and nothing else happens: 1. Else 0: the options are read out of argv[1…];
 * operands may stand between them, and everything after "--" is one. *ret_count is how many there
 * are: they are argv[1 … *ret_count], in order (argv is permuted). rows end with a NULL name. -1 is
 * STATUS_USAGE: it names the option, and the nearest one where it is unknown. */
int options_begin(int argc, char **argv, const struct option_row *rows,
	const struct option_operands *operands, struct buf *ret_help, int *ret_count,
	struct err *err);

#endif
