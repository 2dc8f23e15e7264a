/* SPDX-License-Identifier: MIT */
/* Taking out of a store what an audit found wrong, so that the next build makes it anew. */
#ifndef BRUN_STORE_REPAIR_H
#define BRUN_STORE_REPAIR_H

#include "store/store_audit.h"

struct census;
struct digest;

/* Each sets something aside, into trash/, unless a living run holds it. */
enum audit_repair repair_tree(
	struct store *store, const struct census *census, const struct digest *id);
enum audit_repair repair_blob(struct store *store, const struct digest *id);

/* A record, or what belongs nowhere. */
enum audit_repair repair_path(struct store *store, const char *path);

#endif
