/* SPDX-License-Identifier: MIT */
#include "store/store_roll.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reading {
	struct roll_item *items;
	size_t count, capacity;
	struct buf text;
};

static void
note(struct reading *reading, const struct dirent *entry)
{
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
		return;
	}
	if (reading->count == reading->capacity) {
		reading->capacity = reading->capacity ? reading->capacity * 2 : 256;
		reading->items =
			mem_resize(reading->items, reading->capacity, sizeof(*reading->items));
	}
	reading->items[reading->count++] = (struct roll_item){.inode = entry->d_ino};
	buf_add(&reading->text, entry->d_name, strlen(entry->d_name) + 1);
}

/* 0 or the errno. */
static int
read_names(DIR *dir, struct reading *reading)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(dir);
		if (entry) {
			note(reading, entry);
		}
	} while (entry);
	return errno;
}

static int
compare(const void *a, const void *b)
{
	const struct roll_item *left = a, *right = b;

	return (left->inode > right->inode) - (left->inode < right->inode);
}

int
roll_read(int dirfd, struct roll *ret_roll, struct err *err)
{
	struct reading reading = {0};
	cleanup_fd int copy = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);

	if (!dir) {
		return err_set(err, errno, "list directory");
	}
	copy = -1;
	int number = read_names(dir, &reading);
	closedir(dir);
	if (number) {
		free(reading.items);
		buf_done(&reading.text);
		return err_set(err, number, "list directory");
	}
	struct roll roll = {reading.items, reading.count, buf_take(&reading.text)};
	char *at = roll.text;
	for (size_t i = 0; i < roll.count; i++, at += strlen(at) + 1) {
		roll.items[i].name = at;
	}
	if (roll.count) {
		qsort(roll.items, roll.count, sizeof(*roll.items), compare);
	}
	*ret_roll = roll;
	return 0;
}

void
roll_done(struct roll *roll)
{
	free(roll->items);
	free(roll->text);
	*roll = (struct roll){0};
}
