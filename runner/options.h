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

/* Reads the options out of argv[1…]; operands may stand between them, and everything after "--" is
 * one. *ret_operands is how many there are: they are argv[1 … *ret_operands], in order (argv is
 * permuted). With stops_early the first operand ends the options. rows end with a NULL name.
 * STATUS_USAGE names the option, and the nearest one where it is unknown. */
int options_parse(int argc, char **argv, const struct option_row *rows, bool stops_early,
	int *ret_operands, struct err *err);

/* Appends one line an option, as `brun help COMMAND` shows them. */
void options_describe(const struct option_row *rows, struct buf *text);

#endif
