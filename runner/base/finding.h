/* SPDX-License-Identifier: MIT */
/* What looking at one thing of a host came to, for `brun doctor`. */
#ifndef BRUN_FINDING_H
#define BRUN_FINDING_H

struct finding {
	const char *name; /* what was tried: "network namespace" */
	enum finding_verdict {
		FINDING_OK,
		FINDING_DEGRADED, /* brun works, but `note` says what is lost */
		FINDING_REFUSED,  /* it does not */
		FINDING_UNTRIED,  /* something that it rests on is refused; note names that */
	} verdict;
	int number;	    /* errno of the attempt, or 0 */
	const char *note;   /* or "" */
	const char *advice; /* lines: what is in the way, how to change it; or "" */
};

/* Everything in a finding is borrowed for the call. */
typedef void finding_fn(void *context, const struct finding *finding);

#endif
