/* SPDX-License-Identifier: MIT */
/* Replacing a file: it is written as a sibling, which is then renamed over it. Readers see the old
 * bytes or the new, and where it fails the old ones stay. */
#ifndef BRUN_REPLACE_H
#define BRUN_REPLACE_H

#include <stddef.h>
#include <sys/types.h>

struct err;

/* By way of "PATH.SALT.tmp"; mode is what it has, whatever the umask. A power cut soon after may
 * leave an empty file. */
int replace_file(
	int dirfd, const char *path, mode_t mode, const void *data, size_t length, struct err *err);

/* By way of that sibling, which must not exist (NULL: as above). Its contents are on the disk
 * before the name is theirs: a power cut leaves the old bytes or the new, too. */
int replace_file_synced(int dirfd, const char *path, const char *sibling, mode_t mode,
	const void *data, size_t length, struct err *err);

#endif
