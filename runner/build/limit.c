/* SPDX-License-Identifier: MIT */
/* The configuration may say
 *
 *	{ "limits": { "time": "8h", "memory": "6G", "processes": 4096 } } */
#include "build/limit.h"

#include "base/err.h"
#include "base/mem.h"
#include "host/config.h"
#include "sandbox/sandbox.h"
#include "text/printable.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A test that takes longer hangs. */
enum { TEST_WALL_SECONDS = 600 };

static const char seconds[] = "smh", bytes[] = "KMGT", count[] = "";

static const struct row {
	const char *name, *units;
	size_t offset;
	uint64_t most;
} rows[] = {
	{"time", seconds, offsetof(struct step_limits, wall_seconds), INT32_MAX},
	{"silence", seconds, offsetof(struct step_limits, silence_seconds), INT32_MAX},
	{"memory", bytes, offsetof(struct step_limits, memory_bytes), INT64_MAX},
	{"disk", bytes, offsetof(struct step_limits, disk_bytes), INT64_MAX},
	{"log", bytes, offsetof(struct step_limits, log_bytes), INT64_MAX},
	{"processes", count, offsetof(struct step_limits, processes), INT32_MAX},
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

static const struct row *
find_row(const char *name, size_t length)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0) {
			return &rows[i];
		}
	}
	return NULL;
}

static uint64_t *
slot(struct step_limits *limits, const struct row *row)
{
	return (uint64_t *)((char *)limits + row->offset);
}

/* What one of that unit is: 1 for none, 0 for one that the limit does not have. */
static uint64_t
unit_of(const struct row *row, const char *unit)
{
	const char *at = *unit ? strchr(row->units, *unit) : NULL;
	uint64_t one = 1;

	if (!*unit || !at || unit[1]) {
		return !*unit;
	}
	for (const char *step = row->units; step <= at; step++) {
		one *= row->units == bytes ? 1024 : step == row->units ? 1 : 60;
	}
	return one;
}

static bool
parse(const struct row *row, const char *text, uint64_t *ret_number)
{
	char *end;
	uint64_t number;

	errno = 0;
	unsigned long long digits = strtoull(text, &end, 10);
	uint64_t unit = unit_of(row, end);
	if (errno || *text < '0' || *text > '9' || !unit ||
		__builtin_mul_overflow((uint64_t)digits, unit, &number) || number < 1 ||
		number > row->most) {
		return false;
	}
	*ret_number = number;
	return true;
}

static const char *
wanted(const struct row *row)
{
	return row->units == seconds ? "seconds, or a number with m or h behind it"
	       : row->units == bytes ? "bytes, or a number with K, M, G or T behind it"
				     : "a whole number";
}

static int
complain_unknown(const char *where, const char *name, struct err *err)
{
	cleanup_free char *shown = printable_name(name);

	err_fail(err, STATUS_USAGE, "%s: there is no limit '%s'", where, shown);
	return err_hint(err, "there are: time, silence, memory, disk, log, processes");
}

int
limit_add(struct limits *limits, const char *name_is_number, struct err *err)
{
	const char *equals = strchr(name_is_number, '=');
	size_t length = equals ? (size_t)(equals - name_is_number) : strlen(name_is_number);
	const struct row *row = find_row(name_is_number, length);

	if (!row) {
		cleanup_free char *name = mem_strndup(name_is_number, length);
		return complain_unknown("--limit", name, err);
	}
	if (!equals || !parse(row, equals + 1, slot(&limits->given, row))) {
		cleanup_free char *shown = printable_name(equals ? equals + 1 : "");
		return err_fail(err, STATUS_USAGE, "--limit %s=…: expected %s, got '%s'", row->name,
			wanted(row), shown);
	}
	return 0;
}

int
limit_add_all(
	struct limits *limits, const char *const *names_are_numbers, size_t number, struct err *err)
{
	for (size_t i = 0; i < number; i++) {
		if (limit_add(limits, names_are_numbers[i], err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
configure_one(struct limits *limits, const char *path, const char *name, const json_t *value,
	struct err *err)
{
	const struct row *row = find_row(name, strlen(name));

	if (!row) {
		cleanup_free char *where = mem_printf("'%s'", path);
		return complain_unknown(where, name, err);
	}
	cleanup_free char *digits = json_is_integer(value) ? mem_printf("%" JSON_INTEGER_FORMAT,
								     json_integer_value(value))
							   : NULL;
	const char *text = digits ? digits : json_string_value(value);
	if (!text || !parse(row, text, slot(&limits->configured, row))) {
		return err_fail(err, STATUS_USAGE, "'%s': limits.%s: expected %s", path, row->name,
			wanted(row));
	}
	return 0;
}

static int
configure(struct limits *limits, const struct config *config, struct err *err)
{
	json_t *object = json_object_get(config->root, "limits"), *value;
	const char *name;

	if (object && !json_is_object(object)) {
		return err_fail(
			err, STATUS_USAGE, "'%s': limits: expected an object", config->path);
	}
	json_object_foreach(object, name, value)
	{
		if (configure_one(limits, config->path, name, value, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
limit_configure(struct limits *limits, struct err *err)
{
	struct config config;

	if (config_read(&config, err) < 0) {
		return -1;
	}
	int result = configure(limits, &config, err);
	config_done(&config);
	return result;
}

static uint64_t
first_set(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return a ? a : b ? b : c ? c : d;
}

void
limit_of(
	const struct action *action, const struct limits *limits, struct sandbox_limits *ret_limits)
{
	static const struct limits none;
	static const struct step_limits test = {.wall_seconds = TEST_WALL_SECONDS};
	const struct step_limits *asked = action->kind == ACTION_RUN ? &action->run.limits : &test;
	const struct step_limits *given = limits ? &limits->given : &none.given;
	const struct step_limits *set = limits ? &limits->configured : &none.configured;

	*ret_limits = (struct sandbox_limits){
		.wall_seconds = first_set(
			given->wall_seconds, asked->wall_seconds, set->wall_seconds, 4 * 3600),
		.silence_seconds = first_set(
			given->silence_seconds, asked->silence_seconds, set->silence_seconds, 3600),
		.log_bytes = first_set(
			given->log_bytes, asked->log_bytes, set->log_bytes, UINT64_C(256) << 20),
		.memory_bytes =
			first_set(given->memory_bytes, asked->memory_bytes, set->memory_bytes, 0),
		.disk_bytes = first_set(
			given->disk_bytes, asked->disk_bytes, set->disk_bytes, UINT64_C(64) << 30),
		.processes = first_set(given->processes, asked->processes, set->processes, 16384),
	};
}
