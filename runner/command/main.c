/* SPDX-License-Identifier: MIT */
/* brun: a table of subcommands. The only place that prints an error and exits. */
#include "base/buf.h"
#include "base/descriptors.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "command/cmd.h"
#include "text/printable.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name, *operands, *summary;
	cmd_run_fn *run;
} commands[] = {
	{"build", "RECIPE[:NAME] [-o DIR]", "build a recipe; -o leaves the output in DIR",
		cmd_build},
	{"run", "RECIPE[:NAME] [-- ARG…]", "build, then run its main program", cmd_run},
	{"plan", "RECIPE[:NAME]", "show the actions of a recipe, their keys, and what would run",
		cmd_plan},
	{"why", "RECIPE[:NAME]", "what would be built, and what has changed since it was", cmd_why},
	{"check", "RECIPE…", "evaluate recipes, build nothing", cmd_check},
	{"log", "RECIPE[:NAME]|KEY", "print the log of a step", cmd_log},
	{"shell", "RECIPE[:NAME] [-- CMD…]", "a shell, or CMD, in the sandbox of the recipe's step",
		cmd_shell},
	{"pack", "PROGRAM… -o DIR", "make existing programs portable", cmd_pack},
	{"inspect", "FILE|DIR", "show what a launcher or a packed directory holds", cmd_inspect},
	{"lock", "[PACKAGE…]", "make or refresh the lock of the base's packages", cmd_lock},
	{"gc", "", "remove from the store what no root needs", cmd_gc},
	{"root", "add|remove|list [NAME…]", "what gc keeps, beside the outputs of build -o",
		cmd_root},
	{"verify", "", "is everything in the store what it says? --repair sets the rest aside",
		cmd_verify},
	{"cache", "key|push|pull [RECIPE…]",
		"share what was built: a key to sign with, sending, taking", cmd_cache},
	{"doctor", "", "can this machine build? what is in the way, and what to do about it",
		cmd_doctor},
	{"version", "", "print brun's version", cmd_version},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(*commands), OPERANDS_WIDTH = 25 };

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			return &commands[i];
		}
	}
	return NULL;
}

int
cmd_version(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	(void)argc;
	(void)argv;
	(void)err;
	if (!ret_help) {
		puts("brun " BRUN_VERSION);
	}
	return 0;
}

/* How many bytes of a UTF-8 text take no column of their own: for %-*s. */
static int
hidden_bytes(const char *text)
{
	int count = 0;

	for (; *text; text++) {
		count += (*text & 0xc0) == 0x80;
	}
	return count;
}

static void
print_commands(FILE *to)
{
	fputs("brun builds portable outputs from recipes.\n\n", to);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		fprintf(to, "  brun %-8s %-*s %s\n", commands[i].name,
			OPERANDS_WIDTH + hidden_bytes(commands[i].operands), commands[i].operands,
			commands[i].summary);
	}
	fputs("\nbrun help COMMAND shows the options of one.\n", to);
}

static int
no_such_command(const char *name, struct err *err)
{
	const char *names[COMMAND_COUNT];

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		names[i] = commands[i].name;
	}
	const char *nearest = nearest_name(name, names, COMMAND_COUNT);
	err_fail(err, STATUS_USAGE, "there is no command '%s'", name);
	return nearest ? err_hint(err, "did you mean brun %s?", nearest)
		       : err_hint(err, "brun help lists them");
}

static int
print_help(const char *name, struct err *err)
{
	cleanup_buf struct buf text = {0};
	const struct command *command = name ? find_command(name) : NULL;

	if (name && !command) {
		return no_such_command(name, err);
	}
	if (!command) {
		print_commands(stdout);
		return 0;
	}
	buf_printf(&text, "brun %s%s%s\n  %s\n\n", command->name, *command->operands ? " " : "",
		command->operands, command->summary);
	char *argv[] = {(char *)command->name, NULL};
	if (command->run(1, argv, &text, err) < 0) {
		return -1;
	}
	fputs(buf_text(&text), stdout);
	return 0;
}

static int
asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int
dispatch(int argc, char **argv, struct err *err)
{
	if (argc < 2) {
		print_commands(stderr);
		return err_fail(err, STATUS_USAGE, "no command is given");
	}
	if (strcmp(argv[1], "help") == 0 || asks_for_help(argv[1])) {
		return print_help(argc > 2 ? argv[2] : NULL, err);
	}
	if (strcmp(argv[1], "--version") == 0) {
		return cmd_version(argc, argv, NULL, err);
	}
	const struct command *command = find_command(argv[1]);
	if (!command) {
		return print_help(argv[1], err);
	}
	if (argc > 2 && asks_for_help(argv[2])) {
		return print_help(command->name, err);
	}
	return command->run(argc - 1, argv + 1, NULL, err);
}

int
main(int argc, char **argv)
{
	struct err err = {0};

	descriptors_fill_standard();
	int result = dispatch(argc, argv, &err);
	if (result == 0 && (fflush(stdout) != 0 || ferror(stdout))) {
		result = err_set(&err, errno, "write the result to stdout");
	}
	if (result == 0) {
		return 0;
	}
	cleanup_free char *text = printable_text(err.text);
	fprintf(stderr, "brun: %s\n", text);
	return err.status;
}
