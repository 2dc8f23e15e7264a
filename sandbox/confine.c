/* SPDX-License-Identifier: MIT */
#include "filter.h"
#include "mount.h"
#include "privileges.h"
#include "root.h"
#include "sandbox.h"
#include "stage.h"

#include "base/err.h"
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory descriptor from before leads out by way of "..", whatever the root is then. */
static int
check_descriptors(int root_fd, struct err *err)
{
	DIR *dir = opendir("/proc/self/fd");
	int result = 0;

	if (!dir) {
		return err_set(err, errno, "open '/proc/self/fd'");
	}
	for (struct dirent *entry; result == 0 && (entry = readdir(dir)) != NULL;) {
		struct stat st;
		int fd = atoi(entry->d_name);
		if (entry->d_name[0] != '.' && fd != dirfd(dir) && fd != root_fd &&
			fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
			result = err_fail(err, STATUS_SANDBOX,
				"descriptor %d is a directory: close it before confining the process",
				fd);
		}
	}
	closedir(dir);
	return result;
}

static int
write_own(const char *path, const char *format, unsigned id)
{
	char line[64];
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	snprintf(line, sizeof(line), format, id, id);
	return fd < 0 || write(fd, line, strlen(line)) < 0 ? -1 : 0;
}

/* Namespaces of its own, with the ids that it had. */
static int
leave_host(struct err *err)
{
	const unsigned uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0) {
		return stage_refusal(STAGE_CLONE, errno, err);
	}
	if (write_own("/proc/self/uid_map", "%u %u 1\n", uid) < 0 ||
		write_own("/proc/self/setgroups", "deny", 0) < 0 ||
		write_own("/proc/self/gid_map", "%u %u 1\n", gid) < 0) {
		return stage_refusal(STAGE_MAP, errno, err);
	}
	return root_isolate() < 0 ? stage_refusal(STAGE_PRIVATE, errno, err) : 0;
}

static const char place[] = "/root";

/* From the empty root on to what is mounted in it: a step of its own, because a pivot from the old
 * root would leave that behind, between the two. */
static int
enter_place(struct err *err)
{
	cleanup_fd int inner = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return inner < 0 || root_enter(inner) < 0 ? stage_refusal(STAGE_PIVOT, errno, err) : 0;
}

/* Only the current directory, which is root_fd; or nothing at all. */
static int
narrow_root(bool is_empty, bool is_writable, struct err *err)
{
	const unsigned flags =
		MOUNT_NO_DEVICES | MOUNT_NO_EXEC | (is_writable ? 0 : MOUNT_READ_ONLY);
	cleanup_fd int root = root_begin();

	if (root < 0) {
		return stage_refusal(STAGE_ROOT, errno, err);
	}
	if (!is_empty && mount_bind(root, place, AT_FDCWD, ".", flags) != STAGE_DONE) {
		return stage_refusal(STAGE_BIND, errno, err);
	}
	if (root_seal(root) < 0 || root_enter(root) < 0) {
		return stage_refusal(STAGE_PIVOT, errno, err);
	}
	return is_empty ? 0 : enter_place(err);
}

/* root_fd's number goes on to mean the same directory, seen from inside. */
static int
replace_descriptor(int root_fd, struct err *err)
{
	if (root_fd < 0) {
		return 0;
	}
	cleanup_fd int inside = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (inside < 0 || dup3(inside, root_fd, O_CLOEXEC) < 0) {
		return stage_refusal(STAGE_PIVOT, errno, err);
	}
	return 0;
}

int
sandbox_confine(int root_fd, bool is_writable, struct err *err)
{
	if (check_descriptors(root_fd, err) < 0) {
		return -1;
	}
	/* Mount namespaces take the current directory along, but no descriptor. */
	if (root_fd >= 0 && fchdir(root_fd) < 0) {
		return err_set(err, errno, "enter the directory to confine to");
	}
	if (leave_host(err) < 0 || narrow_root(root_fd < 0, is_writable, err) < 0 ||
		replace_descriptor(root_fd, err) < 0) {
		return -1;
	}
	/* PDEATHSIG after the last change of credentials, which may take it back (prctl(2)). */
	if (privileges_drop() < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) {
		return stage_refusal(STAGE_PRIVILEGES, errno, err);
	}
	return filter_confine(err);
}

int
sandbox_confine_reader(struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		return stage_refusal(STAGE_PRIVILEGES, errno, err);
	}
	return filter_confine_reader(err);
}
