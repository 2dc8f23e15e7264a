/* SPDX-License-Identifier: MIT */
/* What an action produced, in memory, as a text, and in the store. */
#ifndef BRUN_RECORD_H
#define BRUN_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"

struct buf;
struct err;
struct store;

/* It owns its strings; record_done frees them. */
struct record {
	struct digest key, output; /* the action's key; the id of the tree that it made */
	char *name;		   /* the action's, for people */
	char *components;	   /* the JSON text that was hashed into the key */
	uint64_t wall_ms, user_ms, system_ms;
	uint64_t peak_memory, written_bytes; /* bytes */
	int64_t finished;		     /* seconds since the epoch */
};
void record_done(struct record *record);

/* Bytes of a record's text at most; one that is longer is damaged. */
enum { RECORD_MAX = 64 << 20 };

/* Reads a record's text; every field must be there and of its type (STATUS_STORE). */
int record_parse(const char *text, size_t length, struct record *ret_record, struct err *err);

/* Appends the record's text. */
void record_print(const struct record *record, struct buf *text);

/* 1: found, 0: not there (or damaged: then it counts as not there), -1: err. A record whose
 * output tree is gone is not there. */
int store_get_record(
	struct store *store, const struct digest *key, struct record *ret_record, struct err *err);

/* The same, whether its output tree is there or not: the id is good either way. */
int store_peek_record(
	struct store *store, const struct digest *key, struct record *ret_record, struct err *err);

/* Commits the record, in the place of one that is there. The caller holds the action's lock, and
 * has put the output's tree. */
int store_put_record(struct store *store, const struct record *record, struct err *err);

/* A record whose tree is elsewhere, for store_peek_record; one that is there stays. Nothing is
 * synced: what a power cut damages is a record that is not there. May fail where a store is good
 * otherwise. */
int store_note_record(struct store *store, const struct record *record, struct err *err);

#endif
