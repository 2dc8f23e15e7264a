/* SPDX-License-Identifier: MIT */
/* The files that an archive's members become, below one directory and nowhere else. Every path is
 * walked component by component without following a symlink; nothing is ever written to a
 * file that was there before. */
#ifndef BRUN_MEMBER_H
#define BRUN_MEMBER_H

#include <stdint.h>

struct err;

struct members {
	int root;	       /* borrowed: where all of it goes */
	uint64_t entries_left; /* how many more may be made: STATUS_LIMIT after that */
	uint64_t entries_most; /* for the message */
	char *parent;	       /* the directory that the last member lay in, … */
	int parent_fd;	       /* … kept open, since the next one probably lies there, too */
};

void members_init(struct members *members, int root, uint64_t entries);
void members_done(struct members *members);

/* One more entry was seen: to be called once a member. */
int members_count(struct members *members, struct err *err);

/* The path of a member below the root without "./" and doubled slashes, `strip` components
 * dropped; *ret_path is NULL when nothing is left of it. `what` ("member", "hard link to") is for
 * the message when the name is absolute, has "..", is empty or longer than PATH_MAX. */
int member_path(
	const char *name, unsigned strip, const char *what, char **ret_path, struct err *err);

/* Each makes the missing parents (0755) and takes the place of an earlier member of the same
 * name, unless that is a directory. Paths come from member_path. */
int members_directory(struct members *members, const char *path, struct err *err);
int members_symlink(struct members *members, const char *path, const char *target, struct err *err);
int members_hard_link(
	struct members *members, const char *path, const char *target, struct err *err);

/* The new, empty file (0600), open for writing; the caller closes it. */
int members_file(struct members *members, const char *path, int *ret_fd, struct err *err);

#endif
