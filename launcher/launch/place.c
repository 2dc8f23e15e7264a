/* SPDX-License-Identifier: MIT */
/* Where the launcher lies, and from there where the resources do. */
#include "launch.h"
#include "syscall.h"

/* Without its last component; "" is the root. */
static size_t
parent_length(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] != '/') {
		length--;
	}
	return length > 0 ? length - 1 : 0;
}

/* One symbolic link at most: what it says goes in front of what is still to walk. */
static bool
follow(char *path, size_t parent, size_t *length, char *pending, const char *rest)
{
	char target[PATH_SIZE];
	long got = sys_readlink(path, target, sizeof(target));
	size_t rest_length = text_length(rest);

	if (got < 0) {
		__builtin_memmove(pending, rest, rest_length + 1);
		return true;
	}
	if ((size_t)got + rest_length + 1 >= PATH_SIZE) {
		return false;
	}
	__builtin_memmove(pending + got, rest, rest_length + 1);
	__builtin_memcpy(pending, target, (size_t)got);
	*length = target[0] == '/' ? 0 : parent;
	path[*length] = '\0';
	return true;
}

/* Absolute and free of symbolic links, like what /proc/self/exe says; NULL where that fails. */
static char *
resolve_by_hand(struct launch *launch, const char *name)
{
	enum { MAX_STEPS = 4096 };
	char *path = memory_take(launch, PATH_SIZE), *pending = memory_take(launch, PATH_SIZE);
	size_t length = 0;

	if (text_length(name) >= PATH_SIZE) {
		return NULL;
	}
	text_put(pending, name, text_length(name));
	if (name[0] != '/') {
		long got = syscall6(SYS_getcwd, (long)path, PATH_SIZE, 0, 0, 0, 0);
		if (got <= 0 || path[0] != '/') {
			return NULL;
		}
		length = path[1] == '\0' ? 0 : text_length(path);
	}
	for (int steps = 0; steps < MAX_STEPS; steps++) {
		const char *start = pending;
		while (*start == '/') {
			start++;
		}
		const char *end = start;
		while (*end != '\0' && *end != '/') {
			end++;
		}
		size_t size = (size_t)(end - start), parent = length;
		if (size == 0) {
			return path;
		}
		bool is_up = size == 2 && start[0] == '.' && start[1] == '.';
		if (is_up || (size == 1 && start[0] == '.')) {
			length = is_up ? parent_length(path, length) : length;
			path[length] = '\0';
			__builtin_memmove(pending, end, text_length(end) + 1);
			continue;
		}
		if (length + 1 + size >= PATH_SIZE) {
			return NULL;
		}
		path[length] = '/';
		text_put(path + length + 1, start, size);
		length += 1 + size;
		if (!follow(path, parent, &length, pending, end)) {
			return NULL;
		}
	}
	return NULL;
}

/* The launcher's own path. With /proc, AT_EXECFN is not asked: it names the script when the
 * launcher is an interpreter of scripts, and /dev/fd/N after fexecve (execve(2), fs/exec.c). The
 * directory is right even where the kernel has put " (deleted)" behind the name. */
static char *
find_self(struct launch *launch)
{
	char *path = memory_take(launch, PATH_SIZE);
	long length = sys_readlink("/proc/self/exe", path, PATH_SIZE - 1);
	const char *name = (const char *)auxv_get(launch, AT_EXECFN);

	launch->has_proc = length > 0 && path[0] == '/';
	if (!launch->has_proc) {
		launch->name = name ? name : "brun launcher";
		path = name ? resolve_by_hand(launch, name) : NULL;
	}
	if (!path) {
		fail(launch, EXIT_NOT_FOUND,
			"no /proc/self/exe, and the path it was started by leads nowhere", NULL,
			NULL, 0);
	}
	launch->name = path;
	return path;
}

/* Tries the directory that is `levels` above the launcher's; a descriptor or a negated errno. */
static long
try_root(struct launch *launch, const char *self, size_t length, const char *probe)
{
	char *root = memory_take(launch, length + 1), *resources;

	text_put(root, self, length);
	resources =
		text_join(launch, root, "/brun-resources.d/", text_of(launch, launch->config.id));
	launch->root = root;
	launch->resources = resources;
	return *probe ? sys_open(text_join(launch, resources, "/", probe)) : 0;
}

static bool
is_missing(long error)
{
	return error == -NO_ENTRY || error == -NO_DIRECTORY;
}

static const char *
origin_path(struct launch *launch, unsigned levels)
{
	const char *id = text_of(launch, launch->config.id);
	char *up = memory_take(launch, 3 * levels + 1), *at = up;

	while (levels-- > 0) {
		at = text_put(at, "/..", 3);
	}
	return text_join(launch, up, "/brun-resources.d/", id);
}

/* First where the packer put them, then in every directory from the launcher's own upwards. */
static long
find_root(struct launch *launch, const char *self, const char *probe)
{
	size_t own = parent_length(self, text_length(self)), length = own;
	unsigned levels = (launch->config.up.length + 1) / 3, walked = 0;
	long fd = -NO_ENTRY;

	while (walked < levels && length > 0) {
		length = parent_length(self, length);
		walked++;
	}
	if (walked == levels) {
		fd = try_root(launch, self, length, probe);
	}
	const char *wanted = launch->resources;
	/* Started with privileges, nothing that others may have laid around is looked for. */
	if (is_missing(fd) && !launch->is_secure) {
		char *mark = launch->free;
		for (length = own, walked = 0;; length = parent_length(self, length), walked++) {
			launch->free = mark;
			fd = try_root(launch, self, length, probe);
			if (!is_missing(fd) || length == 0) {
				break;
			}
		}
	}
	if (is_missing(fd)) {
		fail(launch, EXIT_NOT_FOUND, "there is no ",
			text_join(launch, wanted ? wanted : launch->resources, "/", probe),
			", nor its brun-resources.d in any directory above", 0);
	}
	launch->from_origin = origin_path(launch, walked);
	return fd;
}

const char *
place_path(struct launch *launch, struct config_string path)
{
	return text_join(launch, launch->resources, "/", text_of(launch, path));
}

void
place_find(struct launch *launch, struct object *ret_program)
{
	const struct config *config = &launch->config;
	const char *self = find_self(launch);
	bool is_payload = config->payload_size > 0;
	long fd = find_root(
		launch, self, text_of(launch, is_payload ? config->interpreter : config->program));

	ret_program->path = is_payload ? self : place_path(launch, config->program);
	if (is_payload) {
		if (config->interpreter.length > 0 && !is_error(fd)) {
			sys_close((int)fd);
		}
		fd = sys_open(launch->has_proc ? "/proc/self/exe" : self);
		ret_program->start = config->payload_offset;
	}
	if (is_error(fd)) {
		fail(launch, EXIT_REFUSED, ret_program->path, NULL, NULL, fd);
	}
	ret_program->fd = (int)fd;
}
