/* SPDX-License-Identifier: MIT */
/* wrap [OPTION…] PROGRAM DIR: makes DIR/bin/NAME a launcher for a copy of one installed program,
 * with the libraries that its own interpreter lists. The tests of the launcher need no packer.
 *
 *	-n NAME       the launcher's name, if not PROGRAM's
 *	-e VERB:NAME=VALUE   an environment operation; VALUE's separator is ':', or what
 *	              stands behind a ',' in it: the other variable of `behind`
 *	-s SCRIPT     DIR/bin/.NAME becomes a copy of SCRIPT, which PROGRAM runs
 *	-a ARGUMENT   the argument of its #! line
 *	-r PATH       the program's own $ORIGIN entries
 *	-p            the program goes to the launcher's end
 *	-m            as under musl: no list of libraries, only a search path
 *	-O PATH       the library of that name is DIR/PATH, which is there already
 *	-L DIR        of another machine: its root directory */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "launcher/elf.h"
#include "launcher/image.h"
#include "launcher/symbols.h"
#include "plan/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESOURCES "brun-resources.d/0123456789abcdef"

enum { LIMIT = 1024 };

struct wrap {
	const char *name, *script, *sysroot, *own;
	bool is_payload, is_search_only;
	int dir;
	struct image_spec spec;
	struct arena arena;
	const char *needed[LIMIT];
	struct runtime_env env[CONFIG_ENV_MAX + 1];
};

static void
die(const struct err *err)
{
	fprintf(stderr, "wrap: %s\n", err->text);
	exit(2);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void
copy_to(const struct wrap *wrap, const char *from, const char *folder, const char *name)
{
	struct err err = {0};
	cleanup_free char *path = mem_printf("%s/%s", folder, name);
	cleanup_fd int source = open(from, O_RDONLY | O_CLOEXEC);

	unlinkat(wrap->dir, path, 0);
	cleanup_fd int target =
		openat(wrap->dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (source < 0 || target < 0) {
		err_set(&err, errno, "copy '%s' to '%s'", from, path);
		die(&err);
	}
	if (fs_copy_fd(source, target, &err) < 0 || fchmod(target, 0755) < 0) {
		die(&err);
	}
}

/* "    libc.so.6 => /lib/…/libc.so.6 (0x…)" or "    /lib64/ld-linux-x86-64.so.2 (0x…)", breadth
 * first, as ld.so lists them. */
static void
take_line(struct wrap *wrap, char *line)
{
	char *path = strchr(line, '/'), *end = path ? strstr(path, " (0x") : NULL;

	if (!end || wrap->spec.needed_count == LIMIT) {
		return;
	}
	*end = '\0';
	char *arrow = strstr(line, " => ");
	char *name = line + strspn(line, " \t");
	if (arrow) {
		*arrow = '\0';
		path = arrow + 4;
	}
	name = arena_strdup(&wrap->arena, base_name(name));
	/* The interpreter itself is listed by the name it was started with. */
	const char *root = wrap->sysroot ? wrap->sysroot : "";
	cleanup_free char *from =
		mem_printf("%s%s", strncmp(path, root, strlen(root)) == 0 ? "" : root, path);
	copy_to(wrap, from, RESOURCES "/lib", name);
	bool is_own = wrap->own && strcmp(base_name(wrap->own), name) == 0;
	wrap->needed[wrap->spec.needed_count++] = is_own ? wrap->own : name;
}

static void
list_libraries(struct wrap *wrap, const char *interpreter, const char *program)
{
	char line[4096];
	cleanup_free char *command =
		wrap->sysroot ? mem_printf("qemu-aarch64 -L '%s' '%s%s' --list '%s'", wrap->sysroot,
					wrap->sysroot, interpreter, program)
			      : mem_printf("'%s' --list '%s'", interpreter, program);
	FILE *list = popen(command, "re");

	while (list && fgets(line, sizeof(line), list)) {
		take_line(wrap, line);
	}
	if (!list || pclose(list) != 0) {
		fprintf(stderr, "wrap: %s failed\n", command);
		exit(2);
	}
}

static void
add_env(struct wrap *wrap, char *text)
{
	static const char *const verbs[] = {
		[ENV_DEFAULT] = "default",
		[ENV_SET] = "set",
		[ENV_PREPEND] = "prepend",
		[ENV_APPEND] = "append",
		[ENV_UNSET] = "unset",
		[ENV_BEHIND] = "behind",
	};
	struct runtime_env *env = &wrap->env[wrap->spec.env_count++];
	char *name = strchr(text, ':'), *value = name ? strchr(name, '=') : NULL;

	for (int verb = ENV_DEFAULT; name && verb <= ENV_BEHIND; verb++) {
		if (strncmp(text, verbs[verb], strlen(verbs[verb])) == 0) {
			env->verb = verb;
		}
	}
	if (!value) {
		fprintf(stderr, "wrap: -e VERB:NAME=VALUE\n");
		exit(2);
	}
	*value = '\0';
	env->name = name + 1;
	env->value = value + 1;
	char *comma = strchr(env->value, ',');
	env->separator = comma ? comma + 1 : ":";
	*(comma ? comma : value) = '\0';
}

static void
write_launcher(struct wrap *wrap)
{
	struct err err = {0};
	cleanup_buf struct buf file = {0};
	cleanup_free char *path = mem_printf("bin/%s", wrap->name);

	wrap->spec.needed = wrap->needed;
	wrap->spec.env = wrap->env;
	unlinkat(wrap->dir, path, 0);
	if (image_build(&wrap->spec, &file, &err) < 0 ||
		fs_create_at(wrap->dir, path, 0755, file.data, file.length, &err) < 0) {
		die(&err);
	}
}

static void
wrap_interpreter(struct wrap *wrap, const char *interpreter, const char *program)
{
	struct image_spec *spec = &wrap->spec;
	cleanup_free char *path =
		mem_printf("%s%s", wrap->sysroot ? wrap->sysroot : "", interpreter);
	cleanup_buf struct buf file = {0};
	struct err err = {0};
	struct elf elf;

	if (fs_read_at(AT_FDCWD, path, SIZE_MAX / 2, &file, &err) < 0) {
		die(&err);
	}
	spec->interpreter = arena_printf(&wrap->arena, "lib/%s", base_name(interpreter));
	spec->library_dir = "lib";
	spec->is_glibc = !strstr(interpreter, "musl");
	copy_to(wrap, path, RESOURCES "/lib", base_name(interpreter));
	if (!elf_open(file.data, file.length, &elf) && !elf_dynamic_open(&elf)) {
		spec->debug = symbols_debug_address(&elf);
	}
	if (spec->is_glibc) {
		list_libraries(wrap, interpreter, program);
	}
	if (wrap->is_search_only) {
		spec->needed_count = 0;
	}
}

static void
wrap_program(struct wrap *wrap, const char *program)
{
	struct image_spec *spec = &wrap->spec;
	struct err err = {0};
	cleanup_buf struct buf file = {0};
	struct elf elf;

	if (fs_read_at(AT_FDCWD, program, SIZE_MAX / 2, &file, &err) < 0) {
		die(&err);
	}
	const char *why = elf_open(file.data, file.length, &elf);
	if (why) {
		fprintf(stderr, "wrap: %s: %s\n", program, why);
		exit(2);
	}
	const char *interpreter = elf_interpreter(&elf);
	spec->machine = elf.header.e_machine;
	spec->kind = wrap->script ? CONFIG_SCRIPT : interpreter ? CONFIG_DYNAMIC : CONFIG_STATIC;
	spec->up = "..";
	spec->id = base_name(RESOURCES);
	if (interpreter) {
		wrap_interpreter(wrap, interpreter, program);
	}
	if (wrap->script) {
		cleanup_free char *hidden = mem_printf(".%s", wrap->name);
		copy_to(wrap, wrap->script, "bin", hidden);
		spec->script = arena_printf(&wrap->arena, "bin/.%s", wrap->name);
	}
	if (wrap->is_payload) {
		spec->payload = file.data;
		spec->payload_size = file.length;
	} else {
		spec->program = arena_printf(&wrap->arena, "exe/%s", base_name(program));
		copy_to(wrap, program, RESOURCES "/exe", base_name(program));
	}
	write_launcher(wrap);
}

int
main(int argc, char **argv)
{
	cleanup_free struct wrap *wrap = mem_zalloc(1, sizeof(*wrap));
	struct err err = {0};
	int option;

	while ((option = getopt(argc, argv, "n:e:s:a:r:pmO:L:")) != -1) {
		switch (option) {
		case 'n':
			wrap->name = optarg;
			break;
		case 'e':
			add_env(wrap, optarg);
			break;
		case 's':
			wrap->script = optarg;
			break;
		case 'a':
			wrap->spec.argument = optarg;
			break;
		case 'r':
			wrap->spec.runpath = optarg;
			break;
		case 'p':
			wrap->is_payload = true;
			break;
		case 'm':
			wrap->is_search_only = true;
			break;
		case 'O':
			wrap->own = optarg;
			break;
		case 'L':
			wrap->sysroot = optarg;
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 2) {
		fprintf(stderr, "usage: wrap [OPTION…] PROGRAM DIR\n");
		return 2;
	}
	wrap->name = wrap->name ? wrap->name : base_name(argv[optind]);
	if (fs_mkdirs_at(AT_FDCWD, argv[optind + 1], 0755, &err) < 0 ||
		(wrap->dir = fs_open_dir(AT_FDCWD, argv[optind + 1], &err)) < 0 ||
		fs_mkdirs_at(wrap->dir, "bin", 0755, &err) < 0 ||
		fs_mkdirs_at(wrap->dir, RESOURCES "/exe", 0755, &err) < 0 ||
		fs_mkdirs_at(wrap->dir, RESOURCES "/lib", 0755, &err) < 0) {
		die(&err);
	}
	wrap_program(wrap, argv[optind]);
	arena_done(&wrap->arena);
	close(wrap->dir);
	return 0;
}
