/* SPDX-License-Identifier: MIT */
/* What an action produced, as one machine tells it to others: a record and where its tree lies in
 * a cache, signed. The text form is described at the top of statement.c. */
#ifndef BRUN_STATEMENT_H
#define BRUN_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "base/sign.h"

struct buf;
struct err;

enum { STATEMENT_MOST = 4096 /* bytes */ };

struct statement {
	unsigned version;	   /* of the text, below; 0: the newest */
	struct digest key, output; /* the action's key, the id of its tree */
	bool has_archive;	   /* else the tree is not in the cache */
	struct digest archive;	   /* SHA-256 of the archive … */
	uint64_t archive_size;	   /* … and its bytes, at least one */
	uint64_t bytes, entries;   /* what unpacking it makes */
	uint64_t wall_ms, user_ms, system_ms, peak_memory, written_bytes;
	int64_t finished;	   /* seconds since the epoch */
	struct sign_public signer; /* who says so */
};

/* Appends the text, signed. The signer in the statement is not looked at. */
int statement_print(const struct statement *statement, const struct sign_secret *secret,
	struct buf *text, struct err *err);

/* Reads a text that came from anywhere, and checks the signature against the key that it names.
 * Whether that one is trusted is the caller's question. STATUS_SOURCE says what is wrong with
 * it. */
int statement_parse(
	const char *text, size_t length, struct statement *ret_statement, struct err *err);

#endif
