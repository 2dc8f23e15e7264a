/* SPDX-License-Identifier: MIT */
/* brun pack PROGRAM… -o DIR */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "command/cmd.h"
#include "command/options.h"
#include "launcher/pack.h"
#include "plan/runtime.h"
#include "programs/data.h"
#include "programs/program.h"
#include "progress/packed.h"
#include "store/output.h"
#include "text/jsontext.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where the data wait inside the staged output until they are packed, too. */
static const char data_dir[] = ".brun-data";

struct pack_command {
	const char *output, *root;
	struct option_list data, env, libs;
	bool is_forced, is_json, no_rules;
	struct pack_spec spec;
	struct arena arena;
	struct pack_report report;
	struct buf warnings;
};

static int
complain_env(const char *text, struct err *err)
{
	err_fail(err, STATUS_USAGE, "--env '%s' says nothing to do", text);
	return err_hint(err, "expected NAME=default:VALUE, NAME=set:VALUE, NAME=prepend:VALUE, "
			     "NAME=append:VALUE or NAME=unset");
}

/* NAME=VERB:VALUE */
static int
read_env(struct arena *arena, const char *text, struct runtime_env *ret_env, struct err *err)
{
	static const char *const verbs[] = {[ENV_DEFAULT] = "default",
		[ENV_SET] = "set",
		[ENV_PREPEND] = "prepend",
		[ENV_APPEND] = "append",
		[ENV_UNSET] = "unset"};
	size_t length = strcspn(text, "=");
	const char *verb = text[length] ? text + length + 1 : "";
	size_t size = strcspn(verb, ":");

	for (size_t i = 0; length > 0 && i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strlen(verbs[i]) == size && strncmp(verbs[i], verb, size) == 0 &&
			(i == ENV_UNSET) == (verb[size] == '\0')) {
			*ret_env = (struct runtime_env){
				.verb = (enum runtime_env_verb)i,
				.name = arena_strndup(arena, text, length),
				.value = i == ENV_UNSET ? NULL : verb + size + 1,
				.separator = i == ENV_PREPEND || i == ENV_APPEND ? ":" : NULL,
			};
			return 0;
		}
	}
	return complain_env(text, err);
}

static int
read_lists(struct pack_command *command, struct err *err)
{
	struct runtime_env *env =
		arena_alloc(&command->arena, command->env.count + 1, sizeof(*env));

	for (size_t i = 0; i < command->env.count; i++) {
		if (read_env(&command->arena, command->env.items[i], &env[i], err) < 0) {
			return -1;
		}
	}
	const char **libs = arena_alloc(&command->arena, command->libs.count + 1, sizeof(*libs));
	memcpy(libs, command->libs.items, command->libs.count * sizeof(*libs));
	command->spec.env = env;
	command->spec.env_count = command->env.count;
	command->spec.libs = libs;
	command->spec.no_rules = command->no_rules;
	return 0;
}

static const char *
last_part(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* All of them come out in bin/: no two may have one name. */
static int
add_program(const char **programs, size_t count, const char *path, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(last_part(programs[i]), last_part(path)) == 0 &&
			strcmp(programs[i], path) != 0) {
			return err_fail(err, STATUS_USAGE,
				"'%s' and '%s' would both come out as bin/%s", programs[i], path,
				last_part(path));
		}
	}
	programs[count] = path;
	return 0;
}

static int
find_programs(struct pack_command *command, char **names, size_t count, struct err *err)
{
	const char *search = getenv("PATH");
	const char **programs = arena_alloc(&command->arena, count + 1, sizeof(*programs));

	search = command->root ? NULL : search && *search ? search : "/usr/bin:/bin";
	for (size_t i = 0; i < count; i++) {
		cleanup_free char *path =
			program_find(command->spec.package.fd, search, names[i], err);
		if (!path ||
			add_program(programs, i, arena_strdup(&command->arena, path), err) < 0) {
			return -1;
		}
	}
	command->spec.programs = programs;
	return 0;
}

static int
copy_data(struct pack_command *command, int fd, struct err *err)
{
	for (size_t i = 0; i < command->data.count; i++) {
		if (data_copy(command->spec.package.fd, command->data.items[i], fd,
			    &command->warnings, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
fill(void *context, int to_fd, struct err *err)
{
	struct pack_command *command = context;
	struct pack_spec spec = command->spec;

	if (command->data.count == 0) {
		return pack_tree(&spec, to_fd, &command->report, err);
	}
	if (mkdirat(to_fd, data_dir, 0755) < 0) {
		return err_set(err, errno, "mkdir '%s'", data_dir);
	}
	cleanup_fd int fd = fs_open_dir(to_fd, data_dir, err);
	const struct pack_source data = {fd, "/", "data"};
	spec.runtime = &data;
	spec.runtime_count = 1;
	return fd < 0 || copy_data(command, fd, err) < 0 ||
			       pack_tree(&spec, to_fd, &command->report, err) < 0
		       ? -1
		       : fs_remove_at(to_fd, data_dir, err);
}

static void
print_report(const struct pack_command *command)
{
	cleanup_buf struct buf text = {0};

	if (command->is_json) {
		buf_puts(&text, "{\"event\":\"packed\",\"output\":");
		jsontext_add(&text, command->output, strlen(command->output));
		packed_add_json(&text, &command->report);
		buf_puts(&text, "}\n");
	} else {
		packed_add_warnings(&text, &command->report, "--json tells all");
		buf_puts(&text, "packed ");
		packed_add_words(&text, &command->report);
		buf_putc(&text, '\n');
	}
	fputs(buf_text(&text), stderr);
	puts(command->output);
}

/* What copying the data has to say comes first. */
static void
join_warnings(struct pack_command *command)
{
	struct pack_report *report = &command->report;

	if (command->warnings.length > 0) {
		buf_puts(&command->warnings, report->warnings ? report->warnings : "");
		free(report->warnings);
		report->warnings = buf_take(&command->warnings);
	}
}

static int
pack(struct pack_command *command, char **names, size_t count, struct err *err)
{
	cleanup_fd int root =
		open(command->root ? command->root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0) {
		return err_fail(err, STATUS_USAGE, "the root '%s' can't be opened: %s",
			command->root, strerrordesc_np(errno));
	}
	command->spec.package = (struct pack_source){root, "/", command->root ? "root" : "host"};
	if (output_check(command->output, command->is_forced, err) < 0 ||
		read_lists(command, err) < 0 || find_programs(command, names, count, err) < 0 ||
		output_make(command->output, command->is_forced, fill, command, err) < 0) {
		return -1;
	}
	join_warnings(command);
	print_report(command);
	return 0;
}

int
cmd_pack(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct pack_command command = {0};
	int count = 0;
	const struct option_row rows[] = {
		{'o', "output", OPTION_TEXT, &command.output, "DIR", "where the result goes"},
		{0, "force", OPTION_FLAG, &command.is_forced, NULL,
			"replace DIR even if brun did not make it"},
		{0, "root", OPTION_TEXT, &command.root, "SYSROOT",
			"the root file system that the programs live in, instead of this one"},
		{0, "data", OPTION_LIST, &command.data, "PATH",
			"a file or directory to take along, at the same path"},
		{0, "env", OPTION_LIST, &command.env, "NAME=default:VALUE",
			"set a variable for them; ${ROOT} is DIR; or set: prepend: append:, or unset"},
		{0, "no-rules", OPTION_FLAG, &command.no_rules, NULL,
			"take along nothing that well-known programs look for, but libraries"},
		{0, "lib", OPTION_LIST, &command.libs, "SONAME",
			"a library that the programs open at run time"},
		{0, "json", OPTION_FLAG, &command.is_json, NULL,
			"the report as one JSON object on stderr"},
		{0},
	};
	const struct option_operands operands = {1, INT_MAX, "programs and a directory", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	if (!command.output) {
		err_fail(err, STATUS_USAGE, "pack takes programs and a directory");
		return err_hint(err, "brun pack PROGRAM… -o DIR");
	}
	int result = pack(&command, argv + 1, (size_t)count, err);
	pack_report_done(&command.report);
	buf_done(&command.warnings);
	arena_done(&command.arena);
	return result;
}
