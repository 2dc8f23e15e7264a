/* SPDX-License-Identifier: MIT */
/* Where the launcher lies, and from there where the resources do. */
#include "launch.h"
#include "syscall.h"

/* Up to the last slash, that not counted; "" is the root. */
static size_t
parent_length(const char *path, size_t length)
{
	while (length > 0 && path[--length] != '/') {
	}
	return length;
}

/* Without /proc: the path that the launcher was started by, made absolute; where the last component
 * is a symbolic link, what that leads to. Links on the way are the kernel's business, for `..` is
 * left to it. */
static const char *
follow(struct launch *launch, const char *path)
{
	enum { MAX_LINKS = 40 };
	char *target = memory_take(launch, PATH_SIZE);

	if (*path != '/') {
		long length = syscall6(__NR_getcwd, (long)target, PATH_SIZE, 0, 0, 0, 0);
		path = is_error(length) || *target != '/' ? NULL
							  : text_join(launch, target, "/", path);
	}
	for (int links = 0; path && links < MAX_LINKS; links++) {
		long length = sys_readlink(path, target, PATH_SIZE - 1);
		if (is_error(length)) {
			return path;
		}
		target[length] = '\0';
		char *parent = text_join(launch, path, "", "");
		parent[parent_length(path, text_length(path))] = '\0';
		path = *target == '/' ? text_join(launch, target, "", "")
				      : text_join(launch, parent, "/", target);
	}
	return path;
}

/* The launcher's own path. With /proc, AT_EXECFN is not asked: it names the script when the
 * launcher is an interpreter of scripts, and /dev/fd/N after fexecve (execve(2), fs/exec.c). The
 * directory is right even where the kernel has put " (deleted)" behind the name. */
static const char *
find_self(struct launch *launch)
{
	char *path = memory_take(launch, PATH_SIZE);
	long length = sys_readlink("/proc/self/exe", path, PATH_SIZE - 1);
	const char *name = (const char *)auxv_get(launch, AT_EXECFN), *self = path;

	launch->has_proc = length > 0 && *path == '/';
	if (!launch->has_proc) {
		launch->name = name;
		self = follow(launch, name);
	}
	if (!self) {
		fail(launch, EXIT_NOT_FOUND, "no /proc, and no current directory", NULL, NULL, 0);
	}
	launch->name = self;
	return self;
}

/* Makes `levels` above the launcher's directory the root; opens the probe below the resources: a
 * descriptor or a negated errno. What /proc says is free of links and shortened, anything else left
 * to the kernel. */
static long
try_root(struct launch *launch, const char *self, unsigned levels, const char *probe)
{
	size_t length = parent_length(self, text_length(self));
	char *up = memory_take(launch, 3 * levels + 1), *root, *end = up;

	for (unsigned i = 0; i < levels; i++) {
		end = text_put(end, "/..", 3);
	}
	launch->from_origin =
		text_join(launch, up, "/brun-resources.d/", text_of(launch, launch->config.id));
	root = text_join(launch, self, up, "");
	if (launch->has_proc) {
		for (; levels > 0 && length > 0; levels--) {
			length = parent_length(self, length);
		}
		root[length] = '\0';
	} else {
		text_put(root + length, up, 3 * levels);
	}
	launch->root = root;
	launch->resources =
		text_join(launch, root, "/brun-resources.d/", text_of(launch, launch->config.id));
	if (levels > 0 && launch->has_proc) {
		return -ENOENT;
	}
	/* A static program carried in the launcher needs no resources. */
	return *probe ? sys_open(text_join(launch, launch->resources, "/", probe)) : 0;
}

static bool
is_missing(long error)
{
	return error == -ENOENT || error == -ENOTDIR;
}

/* First where the packer put them, then in every directory from the launcher's own upwards. */
static long
find_root(struct launch *launch, const char *self, const char *probe)
{
	unsigned slashes = 0;
	long fd = try_root(launch, self, (launch->config.up.length + 1) / 3, probe);
	const char *wanted = launch->resources;

	for (const char *at = self; *at != '\0'; at++) {
		slashes += *at == '/';
	}
	/* Started with privileges, nothing that others may have laid around is looked for. */
	for (unsigned levels = 0; is_missing(fd) && levels < slashes && !launch->is_secure;
		levels++) {
		fd = try_root(launch, self, levels, probe);
	}
	if (is_missing(fd)) {
		fail(launch, EXIT_NOT_FOUND, "there is no ", text_join(launch, wanted, "/", probe),
			", nor such a brun-resources.d further up", 0);
	}
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
