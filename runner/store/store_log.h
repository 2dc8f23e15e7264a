/* SPDX-License-Identifier: MIT */
/* What a step printed: logs/KEY.log, written while it runs. */
#ifndef BRUN_STORE_LOG_H
#define BRUN_STORE_LOG_H

struct digest;
struct err;
struct store;

/* Opens the log of the step of this key for appending, empty. */
int store_create_log(struct store *store, const struct digest *key, int *ret_fd, struct err *err);

/* Its absolute path, whether it is there or not; the caller frees. */
char *store_log_path(const struct store *store, const struct digest *key);

#endif
