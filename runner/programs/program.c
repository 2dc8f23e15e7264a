/* SPDX-License-Identifier: MIT */
#include "programs/program.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "programs/rooted.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usual[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static bool
is_program(int root, const char *path)
{
	cleanup_fd int fd = rooted_open(root, path);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

/* An absolute path of this machine as it is, another from where we are. */
static char *
from_here(const char *path)
{
	cleanup_free char *here = path[0] == '/' ? NULL : realpath(".", NULL);

	return here ? mem_printf("%s/%s", here, path) : mem_strdup(path);
}

static char *
look_up(int root, const char *search, const char *name, struct err *err)
{
	for (const char *at = search; *at;) {
		size_t length = strcspn(at, ":");
		cleanup_free char *directory = mem_strndup(at, length);
		cleanup_free char *path = mem_printf("%s/%s", *directory ? directory : ".", name);
		cleanup_free char *whole = from_here(path);
		if (is_program(root, whole)) {
			return steal(whole);
		}
		at += length + (at[length] == ':');
	}
	err_fail(err, STATUS_USAGE, "there is no program '%s'", name);
	err_hint(err, "looked in: %s", search);
	return NULL;
}

char *
program_find(int root, const char *search, const char *name, struct err *err)
{
	if (!strchr(name, '/')) {
		return look_up(root, search ? search : usual, name, err);
	}
	cleanup_free char *path =
		search ? from_here(name) : mem_printf("%s%s", name[0] == '/' ? "" : "/", name);
	if (is_program(root, path)) {
		return steal(path);
	}
	err_fail(err, STATUS_USAGE, "there is no program '%s'%s", name,
		search ? "" : " in the root");
	err_hint(err, "looked for an executable file");
	return NULL;
}
