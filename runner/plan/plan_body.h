/* SPDX-License-Identifier: MIT */
/* Inside of plan.c: typed reading of one JSON object of a plan, with complaints that say where. */
#ifndef BRUN_PLAN_BODY_H
#define BRUN_PLAN_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct action;
struct arena;
struct digest;
struct err;
struct json_t;
struct name_value;

/* An object that is being read. place: "action 12 (run)", for complaints. */
struct plan_reader {
	struct arena *arena; /* what is read is copied here */
	struct json_t *object;
	const char *place;
	struct err *err;
};

/* Records "plan: PLACE: field 'FIELD': …"; returns -1. field may be NULL. */
int plan_complain(const struct plan_reader *reader, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Is every field of the object one of the NULL-terminated names? */
int plan_known(const struct plan_reader *reader, const char *const *names);

/* A string field; where it is missing *ret_text stays as it is, unless is_required. */
int plan_text(const struct plan_reader *reader, const char *field, bool is_required,
	const char **ret_text);

/* An array of strings, NULL-terminated; missing: an empty one. Fewer than `least` is an error. */
int plan_texts(const struct plan_reader *reader, const char *field, size_t least,
	const char *const **ret_texts);

/* Integers from 0 to `most`, booleans; missing: *ret stays as it is. */
int plan_number(
	const struct plan_reader *reader, const char *field, uint64_t most, uint64_t *ret_number);
int plan_flag(const struct plan_reader *reader, const char *field, bool *ret_flag);

/* {NAME: string}, sorted by name; missing: none. */
int plan_env(const struct plan_reader *reader, const char *field, const struct name_value **ret_env,
	size_t *ret_count);

/* Reads the fields that an action's kind has; kind, name, where and inputs are the caller's, and
 * there already. */
int plan_body(const struct plan_reader *reader, struct action *action);

/* plan_debian.c: the fields of a debian action. */
int plan_debian_body(const struct plan_reader *reader, struct action *action);

#endif
