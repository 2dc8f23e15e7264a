/* SPDX-License-Identifier: MIT */
/* A scratch folder with trees to pack: p (the package), d (dependencies), r (a runtime tree), o
 * (the output). The base is this host's own root. Commands run in the folder. */
#ifndef BRUN_TEST_PACKING_H
#define BRUN_TEST_PACKING_H

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/replace.h"
#include "launcher/pack.h"
#include "plan/runtime.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "test.h"

static char scratch[64];
static struct err err;
static struct pack_report report;

/* Runs a command in the scratch folder; its exit status, its output into *ret_text. */
static int
run_text(struct buf *ret_text, const char *command)
{
	cleanup_free char *line = mem_printf("cd %s && { %s\n} 2>&1", scratch, command);
	char chunk[4096];
	size_t got;
	FILE *pipe = popen(line, "r");

	if (!pipe) {
		return -1;
	}
	while ((got = fread(chunk, 1, sizeof(chunk), pipe)) > 0) {
		buf_add(ret_text, chunk, got);
	}
	int status = pclose(pipe);
	return status < 0 ? -1 : (status >> 8 & 255) | (status & 127);
}

/* Does the command succeed? What it says otherwise is shown. */
__attribute__((format(printf, 1, 2))) static bool
sh(const char *format, ...)
{
	cleanup_buf struct buf text = {0};
	char command[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	if (run_text(&text, command) == 0) {
		return true;
	}
	printf("# %s\n# %s\n", command, buf_text(&text));
	return false;
}

/* The command's output without the last newline; good until the next call. */
static const char *
say(const char *command)
{
	static char *last;
	struct buf text = {0};

	run_text(&text, command);
	if (text.length > 0 && text.data[text.length - 1] == '\n') {
		text.data[text.length - 1] = '\0';
	}
	free(last);
	last = buf_take(&text);
	return last;
}

static bool
has(const char *text, const char *part)
{
	if (text && strstr(text, part)) {
		return true;
	}
	printf("# '%s' is not in: %s\n", part, text ? text : "(null)");
	return false;
}

static void
start(void)
{
	strcpy(scratch, "/tmp/brun-pack-XXXXXX");
	if (!mkdtemp(scratch)) {
		abort();
	}
	err = (struct err){0};
	report = (struct pack_report){0};
	sh("mkdir -p p/bin p/lib d/lib r");
}

static void
finish(void)
{
	pack_report_done(&report);
	fs_remove_at(AT_FDCWD, scratch, NULL);
}

static struct pack_source
tree(const char *name, const char *prefix)
{
	cleanup_free char *path = mem_printf("%s/%s", scratch, name);

	return (struct pack_source){open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), prefix, name};
}

/* Packs `from` into `to` (a new folder); spec's package, runtime and sources are filled in. */
static int
pack_into(struct pack_spec spec, const char *from, const char *to)
{
	cleanup_free char *path = mem_printf("%s/%s", scratch, to);
	struct pack_source sources[] = {
		tree("d", "/brun"), {open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "/", "base"}};
	struct pack_source runtime = tree("r", "/brun");

	spec.package = tree(from, "/brun");
	spec.runtime = &runtime;
	spec.runtime_count = 1;
	spec.sources = sources;
	spec.source_count = 2;
	mkdir(path, 0755);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pack_report_done(&report);
	err = (struct err){0};
	int result = pack_tree(&spec, fd, &report, &err);
	close(fd);
	close(spec.package.fd);
	close(runtime.fd);
	close(sources[0].fd);
	close(sources[1].fd);
	return result;
}

__attribute__((unused)) static int
pack(void)
{
	int result = pack_into((struct pack_spec){0}, "p", "o");

	if (result < 0) {
		printf("# %s\n", err.text);
	}
	return result;
}

/* Compiles a C text: cc(OUTPUT, FLAGS, TEXT). */
static bool
cc(const char *output, const char *flags, const char *text)
{
	return sh("printf '%%s\\n' '%s' >x.c && cc -o %s x.c %s", text, output, flags);
}

#define MAIN  "#include <stdio.h>\n"
#define HELLO MAIN "int main(void) { puts(\"hello\"); return 0; }"

#endif
