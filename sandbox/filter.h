/* SPDX-License-Identifier: MIT */
/* Seccomp filters. */
#ifndef BRUN_SANDBOX_FILTER_H
#define BRUN_SANDBOX_FILTER_H

#include <stddef.h>

struct err;
struct sock_filter;

/* The two programs of a step's filter: the list by name, and what libseccomp can't express. */
struct filter {
	struct program {
		struct sock_filter *code;
		size_t length;
	} names, numbers;
};

/* The filter of a step; made once a process and kept. Thread-safe. */
int filter_for_step(const struct filter **ret_filter, struct err *err);

/* Applies it to the calling process, which has set no_new_privs. Safe between clone and exec.
 * -1 and errno. */
int filter_apply(const struct filter *filter);

/* For sandbox_confine: only what works on files below a root; no_new_privs must be set. */
int filter_confine(struct err *err);

/* For sandbox_confine_reader: only what reads files and works on memory; sets no_new_privs. */
int filter_confine_reader(struct err *err);

#endif
