/* SPDX-License-Identifier: MIT */
/* Where the launcher lies, and from there where the resources do. */
#include "launch.h"
#include "syscall.h"

#include <linux/openat2.h>

/* Ends the path at its last slash, or at its start; returns where. */
static char *
cut_name(char *path)
{
	char *at = path + text_length(path);

	while (at > path && *--at != '/') {
	}
	*at = '\0';
	return at;
}

/* Without /proc: the path that the launcher was started by, made absolute; where the last component
 * is a symbolic link, what that leads to. Links on the way are the kernel's business, for `..` is
 * left to it. */
static const char *
follow(struct launch *launch, char *target)
{
	enum { MAX_LINKS = 40 };
	char *path = text_join(launch, launch->name, "", "");
	long length;

	if (*path != '/') {
		length = syscall4(__NR_getcwd, (long)target, PATH_SIZE, 0, 0);
		if (is_error(length) || *target != '/') {
			fail(launch, EXIT_NOT_FOUND, "no /proc and no current directory", "", 0);
		}
		path = text_join(launch, target, "/", path);
	}
	for (int links = 0; links < MAX_LINKS; links++) {
		const char *rest = target;
		length = sys_readlink(path, target, PATH_SIZE - 1);
		if (is_error(length)) {
			break;
		}
		target[length] = '\0';
		cut_name(path);
		if (*rest == '/') {
			*path = '\0';
			rest++;
		}
		path = text_join(launch, path, "/", rest);
	}
	return path;
}

/* Makes `levels` above the launcher's directory the root; returns where the probe is below it. A
 * path that is free of links is shortened, anything else left to the kernel. */
static const char *
set_root(struct launch *launch, unsigned levels, const char *probe)
{
	char *root = memory_take(launch, text_length(launch->name) + 3 * levels + 1);

	text_put(root, launch->name);
	char *end = cut_name(root);
	launch->root = root;
	launch->levels = levels;
	for (; levels > 0; levels--) {
		end = launch->is_plain ? cut_name(root) : text_put(end, "/..");
	}
	return path_of(launch, probe);
}

static bool
is_missing(long error)
{
	return error == -ENOENT || error == -ENOTDIR;
}

/* First where the packer put them, then in every directory from the launcher's own upwards. Started
 * with privileges, nothing that others may have laid around is looked for. */
static long
find_root(struct launch *launch, const char *probe, const char **ret_path)
{
	unsigned levels = 0;
	const char *wanted = *ret_path = set_root(launch, launch->config.head->levels, probe);
	long fd = sys_open(wanted);

	while (is_missing(fd) && !launch->is_secure && levels < CONFIG_LEVELS_MAX &&
		(levels == 0 || *launch->root != '\0')) {
		*ret_path = set_root(launch, levels++, probe);
		fd = sys_open(*ret_path);
	}
	if (is_missing(fd)) {
		fail(launch, EXIT_NOT_FOUND, wanted, " is not there, nor in brun-resources.d above",
			0);
	}
	return fd;
}

/* Is it an absolute path without empty components, `.` and `..`? */
static bool
is_literal(const char *path)
{
	if (*path != '/') {
		return false;
	}
	for (; *path != '\0'; path++) {
		const char *next = path + 1;
		next += *next == '.';
		if (*path == '/' && (*next == '/' || *next == '.' || *next == '\0')) {
			return false;
		}
	}
	return true;
}

/* Is it an argument, too? The path of every script, and of every file that binfmt_misc knows, that
 * execve has gone through is put in as one (fs/binfmt_script.c, fs/binfmt_misc.c). */
static bool
is_argument(const struct launch *launch, const char *path)
{
	for (uint64_t i = 2; i <= launch->stack[0]; i++) {
		const char *argument = (const char *)launch->stack[i];
		size_t at = 0;
		while (argument[at] == path[at]) {
			if (path[at++] == '\0') {
				return true;
			}
		}
	}
	return false;
}

/* By the path that the launcher was started by, AT_EXECFN, which costs nothing, and is a script's
 * when the launcher is its interpreter, /dev/fd/N after fexecve (execve(2), fs/exec.c). It is only
 * believed where the launcher's own resources lie beside it and no symbolic link is on the way,
 * which takes openat2 (Linux 5.6): then cutting its end gives what the kernel would find. */
static long
find_beside(struct launch *launch, const char *probe, const char **ret_path)
{
	unsigned levels = launch->config.head->levels;
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
	char nothing;

	if (launch->is_secure || !is_literal(launch->name) || is_argument(launch, launch->name) ||
		sys_readlink(launch->name, &nothing, sizeof(nothing)) != -EINVAL) {
		return -ENOENT;
	}
	long fd = syscall4(__NR_openat2, AT_FDCWD, (long)set_root(launch, levels, probe),
		(long)&how, sizeof(how));
	if (!is_error(fd)) {
		launch->is_plain = true;
		*ret_path = set_root(launch, levels, probe);
	}
	return fd;
}

/* /proc/self/exe makes the kernel set up the process's directory in /proc, which takes longer than
 * all else here. There, the directory is right even where " (deleted)" stands behind the name. */
static void
find_self(struct launch *launch, char *buffer)
{
	long length = sys_readlink("/proc/self/exe", buffer, PATH_SIZE - 1);

	launch->is_plain = !is_error(length) && *buffer == '/';
	if (launch->is_plain) {
		buffer[length] = '\0';
		launch->name = buffer;
	} else {
		launch->name = follow(launch, buffer);
	}
}

void
place_find(struct launch *launch, char *buffer, struct object *ret_program)
{
	const struct config *config = &launch->config;
	bool is_payload = config->head->payload_size > 0;
	const char *probe = is_payload ? config->interpreter : config->program;
	long fd = find_beside(launch, probe, &ret_program->path);

	if (is_error(fd)) {
		find_self(launch, buffer);
		fd = find_root(launch, probe, &ret_program->path);
	}
	if (is_payload) {
		ret_program->path = launch->name;
		ret_program->start = config->head->payload_offset;
		sys_close((int)fd);
		/* That is still right where the name is not. */
		fd = sys_open("/proc/self/exe");
		if (is_error(fd)) {
			fd = sys_open(launch->name);
		}
	}
	if (is_error(fd)) {
		fail(launch, EXIT_REFUSED, ret_program->path, "", fd);
	}
	ret_program->fd = (int)fd;
}
