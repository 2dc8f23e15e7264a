/* SPDX-License-Identifier: MIT */
/* A step's output on its way: into the log file, on to the display, and its last lines kept. */
#ifndef BRUN_TRANSCRIPT_H
#define BRUN_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct action;
struct digest;
struct err;
struct step_figures;
struct step_options;
struct store;

enum { TRANSCRIPT_LINES = 20, TRANSCRIPT_TAIL = 16384, TRANSCRIPT_COLUMNS = 200 };

struct transcript {
	const struct step_options *options;
	const struct digest *key;
	int fd;			    /* the log */
	int number;		    /* errno of a write that failed, or 0 */
	size_t length;		    /* bytes seen in all */
	char tail[TRANSCRIPT_TAIL]; /* a ring of the last of them */
};

/* Opens the log of `key` in the store; transcript_done closes it. */
int transcript_open(struct transcript *transcript, struct store *store, const struct digest *key,
	const struct step_options *options, struct err *err);
void transcript_done(struct transcript *transcript);

/* Takes a piece of output (a sandbox_spec's observer; context is the transcript). A log that
 * can't be written does not stop the step; transcript_check tells of it afterwards. */
void transcript_add(void *transcript, const char *data, size_t length);
int transcript_check(const struct transcript *transcript, struct err *err);

/* Is the failure the step's own doing? Then adds which step it is, what it took and where it is
 * defined, the log's last lines, each behind "  | " and made safe for a terminal, and the command
 * that prints all of it. */
bool transcript_report(const struct transcript *transcript, const struct action *action,
	const struct step_figures *figures, struct err *err);

#endif
