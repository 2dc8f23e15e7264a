/* SPDX-License-Identifier: MIT */
#include "held.h"

#include "family.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { MAPS_MAX = 16 << 20 };

struct file {
	dev_t device;
	ino_t inode;
	uint64_t bytes;
};

/* An honest step has nowhere near as many descriptors: what is beyond is not counted. */
enum { LOOKS_MAX = 1 << 18 };

/* What is found, a file as often as it is open. */
struct search {
	const dev_t *devices;
	size_t device_count;
	struct file *files;
	size_t count, looks;
	bool is_partial, has_queued;
};

static bool
is_asked_for(const struct search *search, dev_t device)
{
	for (size_t i = 0; i < search->device_count; i++) {
		if (search->devices[i] == device) {
			return true;
		}
	}
	return false;
}

static void
add_file(struct search *search, const struct stat *st)
{
	search->files = mem_resize(search->files, search->count + 1, sizeof(*search->files));
	search->files[search->count++] =
		(struct file){st->st_dev, st->st_ino, (uint64_t)st->st_blocks * 512};
}

/* Descriptors on their way through a socket are in nobody's table (fdinfo, Linux 5.10). */
static void
look_into_socket(struct search *search, int task, const char *name)
{
	static const char field[] = "scm_fds:";
	cleanup_buf struct buf text = {0};
	char path[48];

	snprintf(path, sizeof(path), "fdinfo/%.32s", name);
	if (fs_read_at(task, path, 4096, &text, NULL) == 0) {
		const char *at = strstr(buf_text(&text), field);
		search->has_queued |= at && strtoul(at + strlen(field), NULL, 10) > 0;
	}
}

static void
look_at(struct search *search, int task, int descriptors, const char *name)
{
	struct stat st;

	/* Follows the magic link to the file itself, wherever it was. */
	if (fstatat(descriptors, name, &st, 0) < 0) {
		return;
	}
	if (S_ISREG(st.st_mode) && st.st_nlink == 0) {
		add_file(search, &st);
	} else if (S_ISSOCK(st.st_mode)) {
		look_into_socket(search, task, name);
	}
}

/* A thread may have descriptors of its own (clone without CLONE_FILES). */
static void
look_into_task(struct search *search, int tasks, const char *name)
{
	cleanup_free char **names = NULL;
	size_t count = 0;
	cleanup_fd int task = openat(tasks, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int descriptors =
		task < 0 ? -1 : openat(task, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (descriptors < 0) {
		search->is_partial |= task >= 0 && errno == EACCES;
		return;
	}
	if (fs_list_dir(descriptors, &names, &count, NULL) < 0) {
		search->is_partial = true;
		return;
	}
	search->looks += count;
	if (search->looks > LOOKS_MAX) {
		search->is_partial = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		look_at(search, task, descriptors, names[i]);
	}
}

/* A line of maps, proc(5): addresses, permissions, offset, device, inode, path. */
static bool
is_unlinked_mapping(const struct search *search, const char *line, size_t length)
{
	static const char deleted[] = " (deleted)";
	unsigned major_number, minor_number;

	return length > strlen(deleted) &&
	       memcmp(line + length - strlen(deleted), deleted, strlen(deleted)) == 0 &&
	       sscanf(line, "%*s %*s %*s %x:%x", &major_number, &minor_number) == 2 &&
	       is_asked_for(search, makedev(major_number, minor_number));
}

/* A mapping outlives its descriptor. */
static void
look_into_memory(struct search *search, int process)
{
	cleanup_buf struct buf text = {0};
	struct err why = {0};

	if (!search->device_count) {
		return;
	}
	if (fs_read_at(process, "maps", MAPS_MAX, &text, &why) < 0) {
		/* ESRCH, ENOENT: it has ended */
		search->is_partial |= why.number != ESRCH && why.number != ENOENT;
		return;
	}
	buf_putc(&text, '\0');
	for (char *line = text.data; *line;) {
		size_t length = strcspn(line, "\n");
		bool is_last = line[length] == '\0';
		line[length] = '\0'; /* sscanf goes as far as that */
		search->is_partial |= is_unlinked_mapping(search, line, length);
		line += length + !is_last;
	}
}

/* Has a thread the descriptors of the process's first, which are looked at anyway? */
static bool
shares_descriptors(pid_t process, const char *thread)
{
	pid_t number = (pid_t)atoi(thread);

	return number != process && syscall(SYS_kcmp, process, number, KCMP_FILES, 0, 0) == 0;
}

static void
look_into_process(struct search *search, pid_t pid)
{
	char path[32];
	cleanup_free char **names = NULL;
	size_t count = 0;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	cleanup_fd int process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int tasks =
		process < 0 ? -1 : openat(process, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tasks < 0 || fs_list_dir(tasks, &names, &count, NULL) < 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (!shares_descriptors(pid, names[i])) {
			look_into_task(search, tasks, names[i]);
		}
	}
	look_into_memory(search, process);
}

static int
by_identity(const void *left, const void *right)
{
	const struct file *a = left, *b = right;

	if (a->device != b->device) {
		return a->device < b->device ? -1 : 1;
	}
	return (a->inode > b->inode) - (a->inode < b->inode);
}

void
held_by(const struct family *family, const dev_t *devices, size_t device_count,
	struct held *ret_held)
{
	struct search search = {.devices = devices, .device_count = device_count};
	struct held held = {0};

	for (size_t i = 1; i < family->count; i++) {
		look_into_process(&search, family->pids[i]);
	}
	if (search.count) {
		qsort(search.files, search.count, sizeof(*search.files), by_identity);
	}
	for (size_t i = 0; i < search.count; i++) {
		const struct file *file = &search.files[i];
		if (i == 0 || by_identity(file - 1, file) != 0) {
			*(is_asked_for(&search, file->device) ? &held.on_devices
							      : &held.elsewhere) += file->bytes;
		}
	}
	held.has_queued = search.has_queued;
	held.is_partial = search.is_partial || search.has_queued;
	free(search.files);
	*ret_held = held;
}
