/* SPDX-License-Identifier: MIT */
/* What the filters say, as data. */
#ifndef BRUN_SANDBOX_RULES_H
#define BRUN_SANDBOX_RULES_H

#include <stdint.h>

/* Answers to a call that matches: an errno, 0 for "done" without doing it, or this. */
enum { RULE_ALLOW = -1 };

/* One answer for some calls. Names that an architecture lacks are passed over. */
struct rule {
	const char *calls; /* names with spaces between them */
	int answer;
	/* Where mask is not 0: only when these bits of the argument have this value. */
	uint64_t mask, value;
	unsigned argument;
	/* The value is the one here, or the caller's pid; or all above the one here are meant. */
	enum { RULE_VALUE, RULE_OWN_PID, RULE_ABOVE } what;
	unsigned given; /* not 0: and only where this argument, a pointer, is not NULL */
};

/* Each ends with a rule without calls. The first lists what is refused, the others what is not. */
extern const struct rule rules_step[], rules_confine[], rules_reader[];

#endif
