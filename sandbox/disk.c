/* SPDX-License-Identifier: MIT */
#include "disk.h"

#include "sandbox.h"

#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A tree deeper than this is counted down to here only; it is small in bytes. */
enum { COUNT_DEPTH = 64 };

static bool
is_writable(const struct sandbox_mount *mount)
{
	return mount->kind == SANDBOX_BIND_RW;
}

/* Used bytes of all file systems that a writable bind lies on, each once. */
static uint64_t
used_bytes(const struct sandbox_spec *spec)
{
	uint64_t total = 0;
	unsigned long seen[16];
	size_t count = 0;

	for (size_t i = 0; i < spec->mount_count; i++) {
		struct statvfs fs;
		bool is_seen = false;
		if (!is_writable(&spec->mounts[i]) || statvfs(spec->mounts[i].source, &fs) < 0) {
			continue;
		}
		for (size_t j = 0; j < count; j++) {
			is_seen = is_seen || seen[j] == fs.f_fsid;
		}
		if (!is_seen && count < sizeof(seen) / sizeof(*seen)) {
			seen[count++] = fs.f_fsid;
			total += (uint64_t)(fs.f_blocks - fs.f_bfree) * fs.f_frsize;
		}
	}
	return total;
}

void
disk_begin(struct disk *disk, const struct sandbox_spec *spec)
{
	disk->spec = spec;
	disk->used_at_start = used_bytes(spec);
}

bool
disk_is_watched(const struct disk *disk)
{
	for (size_t i = 0; i < disk->spec->mount_count; i++) {
		if (is_writable(&disk->spec->mounts[i])) {
			return true;
		}
	}
	return false;
}

/* Bytes below fd, which it closes. The step is at work meanwhile: what vanishes is passed over. */
static uint64_t
count_below(int fd, int depth)
{
	uint64_t total = 0;
	DIR *dir = fdopendir(fd);

	if (!dir) {
		close(fd);
		return 0;
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		struct stat st;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
			fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			continue;
		}
		total += (uint64_t)st.st_blocks * 512;
		if (S_ISDIR(st.st_mode) && depth < COUNT_DEPTH) {
			int below = openat(dirfd(dir), entry->d_name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			total += below < 0 ? 0 : count_below(below, depth + 1);
		}
	}
	closedir(dir);
	return total;
}

static uint64_t
count_binds(const struct sandbox_spec *spec)
{
	uint64_t total = 0;

	for (size_t i = 0; i < spec->mount_count; i++) {
		int fd = is_writable(&spec->mounts[i])
				 ? open(spec->mounts[i].source,
					   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
				 : -1;
		total += fd < 0 ? 0 : count_below(fd, 0);
	}
	return total;
}

bool
disk_is_over(struct disk *disk)
{
	const uint64_t limit = disk->spec->limits.disk_bytes;
	uint64_t used = used_bytes(disk->spec);

	if (used <= disk->used_at_start || used - disk->used_at_start <= limit) {
		return false;
	}
	uint64_t counted = count_binds(disk->spec);
	if (counted > limit) {
		return true;
	}
	/* The rest is others' doing: the step may still grow by what it has not used. */
	disk->used_at_start = used - counted;
	return false;
}
