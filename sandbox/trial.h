/* SPDX-License-Identifier: MIT */
/* The single things that a sandbox takes, each as something to try. */
#ifndef BRUN_SANDBOX_TRIAL_H
#define BRUN_SANDBOX_TRIAL_H

#include "stage.h"

struct trial {
	const char *name;
	enum stage stage;     /* STAGE_DONE: of no stage alone */
	enum stage after;     /* rests on this one */
	const char *kind;     /* STAGE_CLONE: as host_advise calls it */
	unsigned long flag;   /* STAGE_CLONE: the namespace in question */
	unsigned long within; /* namespaces in which it is tried */
	int (*body)(void);    /* in a child of its own; -1 and errno. NULL: getting there is all */
	const char *without;  /* what is lost without it; NULL: no step runs */
};

/* In an order in which each stands behind what it rests on; the last has no name. */
extern const struct trial trials[];

#endif
