/* SPDX-License-Identifier: MIT */
#include "libdirs.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "sources.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONF_MAX = 64 * 1024, INCLUDES_MAX = 8, DIRS_MAX = 256 };

const char *
libdirs_platform(uint16_t machine)
{
	return machine == EM_AARCH64 ? "aarch64" : "x86_64";
}

const char *
libdirs_triplet(uint16_t machine)
{
	return machine == EM_AARCH64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
}

static void
add_dir(struct sources *sources, struct source *source, const char *path)
{
	struct stat st;
	const char *canonical = source_resolve(sources, source, path);

	if (!canonical || source->library_dir_count == DIRS_MAX ||
		fstatat(source->fd, *canonical ? canonical : ".", &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!S_ISDIR(st.st_mode)) {
		return;
	}
	for (size_t i = 0; i < source->library_dir_count; i++) {
		if (strcmp(source->library_dirs[i], canonical) == 0) {
			return;
		}
	}
	source->library_dirs[source->library_dir_count++] = canonical;
}

static void read_conf(struct sources *sources, struct source *source, const char *path, int depth);

/* "include etc/ld.so.conf.d/\*.conf": a pattern in the last component, as ldconfig(8) has it. */
static void
read_include(struct sources *sources, struct source *source, const char *pattern, int depth)
{
	const char *slash = strrchr(pattern, '/');
	cleanup_free char *folder =
		slash ? mem_strndup(pattern, (size_t)(slash - pattern)) : mem_strdup("etc");
	const char *wanted = slash ? slash + 1 : pattern;
	const char *canonical = source_resolve(sources, source, folder);
	cleanup_free char **names = NULL;
	size_t count = 0;
	cleanup_fd int dir = canonical && *canonical
				     ? openat(source->fd, canonical,
					       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
				     : -1;

	if (dir < 0 || fs_list_dir(dir, &names, &count, NULL) < 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (fnmatch(wanted, names[i], FNM_PERIOD) == 0) {
			cleanup_free char *path = mem_printf("%s/%s", canonical, names[i]);
			read_conf(sources, source, path, depth + 1);
		}
	}
}

static void
read_conf(struct sources *sources, struct source *source, const char *path, int depth)
{
	const char *canonical = source_resolve(sources, source, path);
	struct file key = {.source = source, .path = canonical};
	cleanup_buf struct buf text = {0};
	cleanup_fd int fd =
		canonical && *canonical && depth < INCLUDES_MAX ? file_open(&key, NULL) : -1;
	char *rest = NULL;

	if (fd < 0 || fs_read_all(fd, CONF_MAX, &text, NULL) < 0) {
		return;
	}
	for (char *line = strtok_r(text.data, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		line[strcspn(line, "#")] = '\0';
		line += strspn(line, " \t");
		line[strcspn(line, "\r\t =")] =
			line[0] == '/' ? '\0' : line[strcspn(line, "\r\t =")];
		if (line[0] == '/') {
			add_dir(sources, source, line);
		} else if (strncmp(line, "include", 7) == 0 && strchr(" \t", line[7])) {
			line += 7 + strspn(line + 7, " \t");
			line[strcspn(line, " \t\r")] = '\0';
			read_include(sources, source, line, depth);
		}
	}
}

void
libdirs_find(struct sources *sources, struct source *source)
{
	static const char *const of_root[] = {"lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu",
		"lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib64", "usr/lib64", "lib",
		"usr/lib", "usr/lib/x86_64-linux-musl", NULL};
	static const char *const of_prefix[] = {
		"lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", NULL};
	bool is_root = *source->prefix == '\0';

	source->library_dirs =
		arena_alloc(&sources->arena, DIRS_MAX, sizeof(*source->library_dirs));
	if (is_root) {
		read_conf(sources, source, "etc/ld.so.conf", 0);
	}
	for (const char *const *dir = is_root ? of_root : of_prefix; *dir; dir++) {
		add_dir(sources, source, *dir);
	}
}
