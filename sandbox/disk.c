/* SPDX-License-Identifier: MIT */
#include "disk.h"

#include "held.h"
#include "sandbox.h"
#include "visit.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* As many descriptors lead from the top of a tree to where it is counted; what lies deeper waits,
 * by its own descriptor, until they are closed. More that waits than this is nobody's honest
 * build. */
enum { COUNT_DEPTH = 64, COUNT_WAITING = 256 };

/* What a file without contents takes, too, is an inode and a name, of which a disk has only so
 * many. */
enum { NAME_BYTES = 4096 };

struct count {
	uint64_t bytes;
	bool is_partial; /* there is a directory that can't be looked into */
	bool is_absurd;	 /* more lies too deep than can wait */
	int waiting[COUNT_WAITING];
	size_t waiting_count;
};

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

static void count_below(struct count *count, int fd, int depth);

static void
count_later(struct count *count, int fd)
{
	if (count->waiting_count == COUNT_WAITING) {
		count->is_absurd = true;
		close(fd);
	} else {
		count->waiting[count->waiting_count++] = fd;
	}
}

static void
count_directory(struct count *count, int parent, const char *name, int depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) {
		/* EMFILE and the like: what was not counted is not known to be little. */
		count->is_partial |= errno != ENOENT && errno != ENOTDIR && errno != ELOOP;
	} else if (depth > COUNT_DEPTH) {
		count_later(count, fd);
	} else {
		count_below(count, fd, depth);
	}
}

/* Counts what is below fd, which it closes. The step is at work meanwhile: what vanishes is passed
 * over. */
static void
count_below(struct count *count, int fd, int depth)
{
	DIR *dir = fdopendir(fd);

	if (!dir) {
		close(fd);
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		struct stat st;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
			continue;
		}
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			count->is_partial = count->is_partial || errno == EACCES;
			continue;
		}
		uint64_t bytes = (uint64_t)st.st_blocks * 512;
		count->bytes += bytes > NAME_BYTES ? bytes : NAME_BYTES;
		if (S_ISDIR(st.st_mode)) {
			count_directory(count, dirfd(dir), entry->d_name, depth + 1);
		}
	}
	closedir(dir);
}

static void
count_binds(const struct sandbox_spec *spec, struct count *count)
{
	for (size_t i = 0; i < spec->mount_count; i++) {
		if (is_writable(&spec->mounts[i])) {
			count_directory(count, AT_FDCWD, spec->mounts[i].source, 0);
		}
	}
	while (count->waiting_count > 0) {
		count_below(count, count->waiting[--count->waiting_count], 0);
	}
}

static size_t
bind_devices(const struct sandbox_spec *spec, dev_t *devices, size_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < spec->mount_count && count < most; i++) {
		struct stat st;
		if (is_writable(&spec->mounts[i]) && stat(spec->mounts[i].source, &st) == 0) {
			devices[count++] = st.st_dev;
		}
	}
	return count;
}

static void
count_held(const struct sandbox_spec *spec, const struct family *family, struct count *count)
{
	struct held held;
	dev_t devices[16];

	held_by(family, devices, bind_devices(spec, devices, 16), &held);
	count->bytes += held.on_devices;
	count->is_partial |= held.is_partial;
}

struct visited {
	uint64_t bytes;
	bool is_partial, is_absurd;
};

static void
count_from_inside(const void *spec, void *result)
{
	struct visited *visited = result;
	struct count count = {0};

	count_binds(spec, &count);
	*visited = (struct visited){count.bytes, count.is_partial, count.is_absurd};
}

/* The step may have taken from itself, and so from us, the right to look into a directory. */
static void
count_hidden(const struct sandbox_spec *spec, const struct family *family, struct count *count)
{
	struct visited visited;

	if (visit_step(family, count_from_inside, spec, &visited, sizeof(visited))) {
		count->bytes = visited.bytes;
		count->is_partial = visited.is_partial;
		count->is_absurd = visited.is_absurd;
	}
}

/* Counting takes a hundredth of the time at most, however much there is to count. */
static void
count_all(struct disk *disk, const struct family *family, struct count *count)
{
	uint64_t began = clock_now_ms();

	count_binds(disk->spec, count);
	if (count->is_partial) {
		count_hidden(disk->spec, family, count);
	}
	count_held(disk->spec, family, count);
	disk->next_count_ms = clock_now_ms() + 100 * (clock_now_ms() - began);
}

bool
disk_is_over(struct disk *disk, const struct family *family)
{
	const uint64_t limit = disk->spec->limits.disk_bytes;
	uint64_t used = used_bytes(disk->spec);
	bool is_suspect = used > disk->used_at_start && used - disk->used_at_start > limit;

	if (!is_suspect && clock_now_ms() < disk->next_count_ms) {
		return false;
	}
	struct count count = {0};
	count_all(disk, family, &count);
	if (count.bytes > limit || count.is_absurd || (is_suspect && count.is_partial)) {
		return true;
	}
	if (is_suspect) {
		/* The rest is others' doing: the step may still grow by what it has not used. */
		disk->used_at_start = used - count.bytes;
	}
	return false;
}
