/* SPDX-License-Identifier: MIT */
/* pack-tool OUT {package|runtime|source DIR PREFIX | program PATH | lib SONAME | env VERB NAME
 * VALUE}…: pack_tree by hand, for tests. The label of a tree is the word it is given by. Prints the
 * report. */
#include "base/err.h"
#include "base/fs.h"
#include "launcher/pack.h"
#include "plan/runtime.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MANY = 4096 };

static struct pack_source runtime[MANY], sources[MANY];
static const char *programs[MANY], *libs[MANY];
static struct runtime_env env[MANY];
static struct pack_spec spec = {
	.package = {.fd = -1}, .runtime = runtime, .sources = sources, .env = env, .libs = libs};
static size_t program_count, lib_count;

static struct pack_source
open_source(char **argv)
{
	struct err err = {0};
	struct pack_source source = {fs_open_dir(AT_FDCWD, argv[1], &err), argv[2], argv[0]};

	if (source.fd < 0) {
		fprintf(stderr, "pack-tool: %s\n", err.text);
		exit(2);
	}
	return source;
}

static enum runtime_env_verb
read_verb(const char *text)
{
	static const char *const verbs[] = {"default", "set", "prepend", "append", "unset"};

	for (int i = 0; i < 5; i++) {
		if (strcmp(text, verbs[i]) == 0) {
			return (enum runtime_env_verb)i;
		}
	}
	fprintf(stderr, "pack-tool: verb '%s'\n", text);
	exit(2);
}

/* Takes one group of words; how many they were, 0 where they make no sense. */
static int
take(int argc, char **argv)
{
	if (argc >= 3 && strcmp(argv[0], "package") == 0) {
		spec.package = open_source(argv);
		return 3;
	}
	if (argc >= 3 && strcmp(argv[0], "runtime") == 0) {
		runtime[spec.runtime_count++] = open_source(argv);
		return 3;
	}
	if (argc >= 3 && strcmp(argv[0], "source") == 0) {
		sources[spec.source_count++] = open_source(argv);
		return 3;
	}
	if (argc >= 2 && strcmp(argv[0], "program") == 0) {
		programs[program_count++] = argv[1];
		spec.programs = programs;
		return 2;
	}
	if (argc >= 2 && strcmp(argv[0], "lib") == 0) {
		libs[lib_count++] = argv[1];
		return 2;
	}
	if (argc >= 4 && strcmp(argv[0], "env") == 0) {
		env[spec.env_count++] =
			(struct runtime_env){read_verb(argv[1]), argv[2], argv[3], ":"};
		return 4;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct pack_report report = {0};
	struct err err = {0};
	int at = 2;

	while (at < argc) {
		int taken = take(argc - at, argv + at);
		if (taken == 0) {
			break;
		}
		at += taken;
	}
	if (at != argc || argc < 3 || mkdir(argv[1], 0755) < 0) {
		fprintf(stderr, "pack-tool: bad arguments, or '%s' is there already\n",
			argc > 1 ? argv[1] : "");
		return 2;
	}
	int to = fs_open_dir(AT_FDCWD, argv[1], &err);
	if (to < 0 || pack_tree(&spec, to, &report, &err) < 0) {
		fprintf(stderr, "pack-tool: %s\n", err.text);
		return err.status;
	}
	printf("%zu programs, %zu scripts, %zu static, %zu libraries, %llu bytes, %llu of "
	       "libraries\n%s",
		report.programs, report.scripts, report.static_programs, report.libraries,
		(unsigned long long)report.bytes, (unsigned long long)report.library_bytes,
		report.warnings ? report.warnings : "");
	pack_report_done(&report);
	return 0;
}
