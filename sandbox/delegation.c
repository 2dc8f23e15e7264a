/* SPDX-License-Identifier: MIT */
#include "delegation.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The group that brun goes into when its own is to have groups below it. It stays. */
static const char leaf[] = "brun";

static const char scope_advice[] =
	"memory and processes of a step are then counted from /proc, twice a second. For limits that the "
	"kernel keeps: systemd-run --user --scope -p Delegate=yes brun build … (as root without --user)";
static const char hierarchy_advice[] =
	"the memory controller belongs to cgroup v1 here, or to nobody: the kernel's command line "
	"systemd.unified_cgroup_hierarchy=1 (or cgroup_no_v1=all) gives it to cgroup v2";

/* cgroups(7): on most hosts, and where v1 has the controllers (systemd's hybrid layout). */
static int
open_hierarchy(void)
{
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct statfs fs;
		int fd = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC) {
			return fd;
		}
		fs_close_slot(&fd);
	}
	return -1;
}

/* Without the leading slash: "" is the top. NULL: in none, or in one that can't be seen here. */
static char *
own_group(void)
{
	static const char start[] = "0::/";
	cleanup_buf struct buf text = {0};

	if (fs_read_at(AT_FDCWD, "/proc/self/cgroup", 65536, &text, NULL) < 0) {
		return NULL;
	}
	const char *line = strstr(buf_text(&text), start);
	if (!line || (line != buf_text(&text) && line[-1] != '\n')) {
		return NULL;
	}
	line += strlen(start);
	char *group = mem_strndup(line, strcspn(line, "\n"));
	if (*group && !fs_is_clean_relative(group)) {
		free(group);
		return NULL;
	}
	return group;
}

enum { PROCESSES_MAX = 1 << 20 };

/* Is the word among those of the group's file? */
static bool
lists(int group, const char *file, const char *word)
{
	cleanup_buf struct buf text = {0};
	size_t length = strlen(word);

	if (fs_read_at(group, file, PROCESSES_MAX, &text, NULL) < 0) {
		return false;
	}
	for (const char *at = buf_text(&text); *at; at += strspn(at, " \n")) {
		size_t size = strcspn(at, " \n");
		if (size == length && memcmp(at, word, length) == 0) {
			return true;
		}
		at += size;
	}
	return false;
}

/* Where the hierarchy was mounted in one cgroup namespace and this process is in another, its path
 * leads to some other group, and the kernel lets nobody go there (cgroup_namespaces(7)). */
static bool
holds_us(int group)
{
	char own[16];

	snprintf(own, sizeof(own), "%d", (int)getpid());
	return lists(group, "cgroup.procs", own);
}

static bool
is_ours_to_change(int group)
{
	return faccessat(group, ".", W_OK, AT_EACCESS) == 0 &&
	       faccessat(group, "cgroup.procs", W_OK, AT_EACCESS) == 0 &&
	       faccessat(group, "cgroup.subtree_control", W_OK, AT_EACCESS) == 0;
}

static int
write_word(int group, const char *file, const char *word)
{
	cleanup_fd int fd = openat(group, file, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, word, strlen(word)) < 0 ? -1 : 0;
}

/* proc_pid_stat(5): the fourth field, behind a name that may hold anything. */
static pid_t
parent_of(pid_t pid)
{
	char path[32];
	cleanup_buf struct buf text = {0};

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (fs_read_at(AT_FDCWD, path, 4096, &text, NULL) < 0) {
		return 0;
	}
	const char *name_end = strrchr(buf_text(&text), ')');
	return name_end && strlen(name_end) > 4 ? (pid_t)atoi(name_end + 4) : 0;
}

static bool
is_of_our_family(pid_t pid)
{
	while (pid > 1 && pid != getpid()) {
		pid = parent_of(pid);
	}
	return pid == getpid();
}

/* Moves everybody into the leaf, but only where that is us and our helpers. */
static int
empty_into_leaf(int group)
{
	cleanup_buf struct buf text = {0};
	char *end;

	if (fs_read_at(group, "cgroup.procs", PROCESSES_MAX, &text, NULL) < 0) {
		return -1;
	}
	for (const char *at = buf_text(&text); *at; at = end + strspn(end, "\n")) {
		if (!is_of_our_family((pid_t)strtol(at, &end, 10)) || end == at) {
			errno = EBUSY;
			return -1;
		}
	}
	if (mkdirat(group, leaf, 0755) < 0 && errno != EEXIST) {
		return -1;
	}
	cleanup_fd int below = openat(group, leaf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (const char *at = buf_text(&text); below >= 0 && *at; at = end + strspn(end, "\n")) {
		char number[16];
		snprintf(number, sizeof(number), "%ld", strtol(at, &end, 10));
		/* ESRCH: a helper has ended meanwhile. */
		if (write_word(below, "cgroup.procs", number) < 0 && errno != ESRCH) {
			return -1;
		}
	}
	return below < 0 ? -1 : 0;
}

/* cgroups(7), "no internal processes": but for the top of all, whose file "cgroup.events" is
 * missing. */
static bool
is_top_of_all(int group)
{
	return faccessat(group, "cgroup.events", F_OK, 0) < 0;
}

/* Gives the groups below this one their controllers. */
static int
enable(int group)
{
	int result = -1;

	for (int attempt = 0; attempt < 3 && result < 0; attempt++) {
		if (!is_top_of_all(group) && empty_into_leaf(group) < 0) {
			return -1;
		}
		result = write_word(
			group, "cgroup.subtree_control", "+memory"); /* EBUSY: a new helper */
	}
	(void)write_word(group, "cgroup.subtree_control", "+pids");
	return result;
}

static bool
ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text), size = strlen(suffix);

	return length >= size && strcmp(text + length - size, suffix) == 0;
}

enum mark { MARK_NONE, MARK_KEPT, MARK_GIVEN };

/* What whoever made the group says of it: systemd's convention (systemd.exec(5), Delegate=). */
static enum mark
mark_of(int group)
{
	char value[2];
	ssize_t length = fgetxattr(group, "user.delegate", value, sizeof(value));

	if (length < 0) {
		length = fgetxattr(group, "trusted.delegate", value, sizeof(value));
	}
	return length < 0 ? MARK_NONE : length == 1 && value[0] == '1' ? MARK_GIVEN : MARK_KEPT;
}

/* What systemd has made is its own, whoever may write to it, unless it says otherwise. Its user
 * instances can't say it where root does (trusted.), and some versions then don't say it at all:
 * a group of a user's that nobody else is in is taken for given. */
static bool
is_given_away(int group, const char *path)
{
	bool is_unit = ends_with(path, ".scope") || ends_with(path, ".service");

	if (!is_unit) {
		return !ends_with(path, ".slice");
	}
	enum mark mark = mark_of(group);
	return mark == MARK_NONE ? geteuid() != 0 : mark == MARK_GIVEN;
}

static bool
is_delegated(int group, const char *path)
{
	return is_ours_to_change(group) && is_given_away(group, path);
}

/* Root may write to every group: that the one around its own has been given to it is seen only by
 * a mark, or by the leaf that an earlier brun has made. Without, it may be a container's runtime's,
 * and beside the container no limit of the container holds. */
static bool
is_for_us(int group, const char *own_name)
{
	return geteuid() != 0 || mark_of(group) == MARK_GIVEN || strcmp(own_name, leaf) == 0;
}

/* The group around ours, where that is prepared for groups such as ours; -1. */
static int
open_prepared(int hierarchy, const char *own)
{
	const char *end = strrchr(own, '/');

	if (!end) {
		return -1;
	}
	cleanup_free char *path = mem_strndup(own, (size_t)(end - own));
	cleanup_fd int group = openat(hierarchy, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return group >= 0 && is_delegated(group, path) && is_for_us(group, end + 1) &&
			       lists(group, "cgroup.subtree_control", "memory")
		       ? steal_fd(group)
		       : -1;
}

/* A brun that was killed left its step's group behind. One in use is locked (cgroup.c). */
static void
sweep(int base)
{
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (fs_list_dir(base, &names, &count, NULL) < 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (strncmp(names[i], DELEGATION_STEP, strlen(DELEGATION_STEP)) != 0) {
			continue;
		}
		cleanup_fd int group = openat(base, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (group >= 0 && flock(group, LOCK_EX | LOCK_NB) == 0) {
			(void)unlinkat(base, names[i], AT_REMOVEDIR);
		}
	}
}

static struct delegation found = {.fd = -1};

static void
give_up(const char *problem, const char *advice)
{
	found.problem = problem;
	found.advice = advice;
}

static void
find(void)
{
	cleanup_fd int hierarchy = open_hierarchy();
	cleanup_free char *own = hierarchy < 0 ? NULL : own_group();
	cleanup_fd int group =
		own ? openat(hierarchy, *own ? own : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (group < 0 || !holds_us(group)) {
		give_up("no cgroup v2 is mounted, or none that this process is in",
			hierarchy_advice);
		return;
	}
	if (!lists(group, "cgroup.controllers", "memory")) {
		give_up("the memory controller is not there for this process's group",
			hierarchy < 0 || lists(hierarchy, "cgroup.controllers", "memory")
				? scope_advice
				: hierarchy_advice);
		return;
	}
	found.fd = open_prepared(hierarchy, own);
	if (found.fd < 0 && (!is_delegated(group, own) || enable(group) < 0)) {
		give_up("this process's group is not delegated to it alone", scope_advice);
		return;
	}
	found.fd = found.fd < 0 ? steal_fd(group) : found.fd;
	found.has_pids = lists(found.fd, "cgroup.subtree_control", "pids");
	sweep(found.fd);
}

const struct delegation *
delegation_find(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find);
	return &found;
}
