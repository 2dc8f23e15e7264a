/* SPDX-License-Identifier: MIT */
/* A user namespace, one for the whole process, below which an ordinary user's steps can give up his
 * supplementary groups. In one that he maps himself they can't: there the kernel takes a map of
 * groups only once setgroups(2) was denied (user_namespaces(7)). newgidmap(1) may write one without
 * that. */
#ifndef BRUN_SANDBOX_HOLDER_H
#define BRUN_SANDBOX_HOLDER_H

struct holder {
	int fd;		     /* of the namespace; -1: none */
	const char *problem; /* why none, where one is wanted; or NULL */
	const char *advice;  /* lines: what to do about that; or "" */
};

/* Makes it, once in a process, where the caller has groups and no privilege to give them up. */
const struct holder *holder_find(void);

/* Lets a process that shares this one's memory enter it, call body(context), and end; waits for
 * that. In there all is to be done that may be done after vfork(2), and clone(2) with CLONE_PARENT,
 * too. -1 and errno where it could not get in. All signals must be blocked. */
int holder_enter(int fd, void (*body)(void *context), void *context);

#endif
