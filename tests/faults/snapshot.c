/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static uint64_t
inode_of(pid_t process, int64_t fd)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/fd/%lld", (int)process, (long long)fd);
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? st.st_ino : 0;
}

static size_t
find_inode(const struct unsynced *unsynced, uint64_t inode)
{
	size_t i = 0;

	while (i < unsynced->inode_count && unsynced->inodes[i] != inode) {
		i++;
	}
	return i;
}

static void
soil(struct unsynced *unsynced, uint64_t inode)
{
	size_t i = find_inode(unsynced, inode);

	if (inode && i == unsynced->inode_count && i < INODES_MAX) {
		unsynced->inodes[unsynced->inode_count++] = inode;
	}
}

static void
clean(struct unsynced *unsynced, uint64_t inode)
{
	size_t i = find_inode(unsynced, inode);

	if (i < unsynced->inode_count) {
		unsynced->inodes[i] = unsynced->inodes[--unsynced->inode_count];
	}
}

/* The absolute path of (directory descriptor, name) in the program. */
static bool
resolve(const struct call *call, int dir_argument, int name_argument, char path[static PATH_SIZE])
{
	char name[PATH_MAX], link[64], dir[PATH_MAX];
	struct iovec local = {name, sizeof(name) - 1};
	struct iovec remote = {(void *)call->arguments[name_argument], sizeof(name) - 1};

	/* A string near the end of a mapping: as much as there is. */
	for (ssize_t got = -1; got < 0; remote.iov_len /= 2) {
		if (remote.iov_len == 0) {
			return false;
		}
		got = process_vm_readv(call->process, &local, 1, &remote, 1, 0);
		name[got > 0 ? got : 0] = '\0';
	}
	if (name[0] == '/') {
		snprintf(path, PATH_SIZE, "%s", name);
		return true;
	}
	int fd = (int)call->arguments[dir_argument];
	snprintf(link, sizeof(link), fd == AT_FDCWD ? "/proc/%d/cwd" : "/proc/%d/fd/%d",
		(int)call->process, fd);
	ssize_t length = readlink(link, dir, sizeof(dir) - 1);
	if (length < 0) {
		return false;
	}
	dir[length] = '\0';
	return snprintf(path, PATH_SIZE, "%s/%s", dir, name) < PATH_SIZE;
}

static void
note_rename(struct unsynced *unsynced, const struct call *call)
{
	if (unsynced->rename_count == RENAMES_MAX) {
		return;
	}
	struct rename_made *made = &unsynced->renames[unsynced->rename_count];
	/* An exchange that is lost is two outputs, either of which is right. */
	bool is_plain = call->number == SYS_renameat || call->arguments[4] == 0;
	unsynced->rename_count +=
		is_plain && resolve(call, 0, 1, made->from) && resolve(call, 2, 3, made->to);
}

void
unsynced_note(struct unsynced *unsynced, const struct call *call, int64_t result)
{
	switch (call->number) {
	case SYS_openat:
		/* A helper may write what was made for it, and is not looked at. */
		if ((call->arguments[2] & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) {
			soil(unsynced, inode_of(call->process, result));
		}
		break;
	case SYS_write:
	case SYS_pwrite64:
	case SYS_ftruncate:
		soil(unsynced, inode_of(call->process, (int64_t)call->arguments[0]));
		break;
	case SYS_copy_file_range:
		soil(unsynced, inode_of(call->process, (int64_t)call->arguments[2]));
		break;
	case SYS_fsync:
	case SYS_fdatasync:
		clean(unsynced, inode_of(call->process, (int64_t)call->arguments[0]));
		break;
	case SYS_syncfs:
		unsynced->inode_count = 0;
		unsynced->rename_count = 0;
		break;
	case SYS_renameat:
	case SYS_renameat2:
		note_rename(unsynced, call);
		break;
	default:
		break;
	}
}

bool
call_changes_disk(const struct call *call)
{
	switch (call->number) {
	case SYS_write:
	case SYS_pwrite64:
	case SYS_ftruncate:
	case SYS_copy_file_range:
		return inode_of(call->process,
			       (int64_t)call
				       ->arguments[call->number == SYS_copy_file_range ? 2 : 0]) !=
		       0;
	case SYS_openat:
		return (call->arguments[2] & O_CREAT) != 0;
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_linkat:
	case SYS_symlinkat:
	case SYS_mkdirat:
	case SYS_mkdir:
	case SYS_unlinkat:
	case SYS_fsync:
	case SYS_syncfs:
	case SYS_fchmod:
	case SYS_fchmodat:
	case SYS_utimensat:
	case SYS_exit_group:
		return true;
	default:
		return false;
	}
}

/* nftw(3) hands no context on. */
static const struct unsynced *emptied_for;
static const char *emptied_from, *emptied_to;

static int
empty_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	char copy[PATH_SIZE];

	(void)at;
	if (type == FTW_F && S_ISREG(st->st_mode) &&
		find_inode(emptied_for, st->st_ino) < emptied_for->inode_count) {
		snprintf(copy, sizeof(copy), "%s%s", emptied_to, path + strlen(emptied_from));
		(void)chmod(copy, 0600);
		(void)!truncate(copy, 0);
		(void)chmod(copy, st->st_mode & 07777);
	}
	return 0;
}

static void
lose_rename(const struct rename_made *made, const char *from, const char *to)
{
	char old[PATH_SIZE * 2], new[PATH_SIZE * 2];
	size_t length = strlen(from);

	if (strncmp(made->from, from, length) == 0 && strncmp(made->to, from, length) == 0) {
		snprintf(old, sizeof(old), "%s%s", to, made->from + length);
		snprintf(new, sizeof(new), "%s%s", to, made->to + length);
		(void)chmod(new, 0700);
		(void)rename(new, old);
	}
}

int
snapshot_take(const struct unsynced *unsynced, const char *from, const char *to, size_t lost)
{
	char command[PATH_SIZE * 2 + 64];

	snprintf(command, sizeof(command), "cp -a '%s' '%s'", from, to);
	if (system(command) != 0) {
		return -1;
	}
	emptied_for = unsynced;
	emptied_from = from;
	emptied_to = to;
	(void)nftw(from, empty_one, 16, FTW_PHYS);
	if (lost < unsynced->rename_count) {
		lose_rename(&unsynced->renames[lost], from, to);
	}
	return 0;
}
