/* SPDX-License-Identifier: MIT */
#include "plan/plan_body.h"

#include "base/arena.h"
#include "plan/plan.h"

#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"

/* The longest name makes the file NAME.list. */
enum { WORD_LIMIT = 200 };

/* A word that begins with one of `first`, and goes on with those or some of `more`. */
static bool
is_word(const char *text, const char *first, const char *more)
{
	size_t length = strlen(text), at = 0;

	while (text[at] && (strchr(first, text[at]) || (at > 0 && strchr(more, text[at])))) {
		at++;
	}
	return length > 0 && length <= WORD_LIMIT && at == length;
}

static bool
is_name(const char *text)
{
	return is_word(text, LOWER DIGIT, "+-.");
}

/* What stands before the first `end` of what is left of the text; NULL where there is none. */
static char *
take_before(char **at, const char *end)
{
	char *word = *at, *found = strstr(*at, end);

	if (!found) {
		return NULL;
	}
	*found = '\0';
	*at = found + strlen(end);
	return word;
}

/* deb-version(7), deb-control(5). The version may have a ':', too, but it comes last. */
static int
read_package(const struct plan_reader *reader, const char *text, struct plan_package *ret_package)
{
	char *rest = arena_strdup(reader->arena, text);
	const char *name = take_before(&rest, ":");
	const char *architecture = name ? take_before(&rest, "=") : NULL;
	const char *version = architecture ? take_before(&rest, " from ") : NULL;
	const char *source = version ? rest : name;

	version = version ? version : rest;
	if (!architecture) {
		return plan_complain(reader, "packages",
			"'%.100s' is not of the form NAME:ARCHITECTURE=VERSION[ from SOURCE]",
			text);
	}
	if (!is_name(name) || !is_name(source)) {
		return plan_complain(reader, "packages",
			"'%.100s': '%.100s' cannot be the name of a package", text,
			is_name(name) ? source : name);
	}
	if (!is_word(architecture, LOWER DIGIT, "-")) {
		return plan_complain(reader, "packages",
			"'%.100s': '%.100s' cannot be an architecture", text, architecture);
	}
	if (!is_word(version, DIGIT, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ.+-~:")) {
		return plan_complain(reader, "packages", "'%.100s': '%.100s' cannot be a version",
			text, version);
	}
	*ret_package = (struct plan_package){name, architecture, version, source};
	return 0;
}

/* One for each "package" input, or none at all. */
static int
check_count(const struct plan_reader *reader, const struct action *action)
{
	size_t count = 0;

	for (size_t i = 0; i < action->input_count; i++) {
		count += strcmp(action->inputs[i].role, "package") == 0;
	}
	return action->debian.count == 0 || action->debian.count == count
		       ? 0
		       : plan_complain(reader, "packages",
				 "expected one for each of the %zu inputs 'package', got %zu",
				 count, action->debian.count);
}

int
plan_debian_body(const struct plan_reader *reader, struct action *action)
{
	const char *const *texts = NULL;
	size_t count = 0;

	if (plan_texts(reader, "packages", 0, &texts) < 0) {
		return -1;
	}
	while (texts[count]) {
		count++;
	}
	struct plan_package *packages = arena_alloc(reader->arena, count + 1, sizeof(*packages));
	for (size_t i = 0; i < count; i++) {
		if (read_package(reader, texts[i], &packages[i]) < 0) {
			return -1;
		}
		if (i > 0 && strcmp(packages[i - 1].name, packages[i].name) >= 0) {
			return plan_complain(reader, "packages",
				"'%s' behind '%s': expected them sorted by name, each once",
				packages[i].name, packages[i - 1].name);
		}
	}
	action->debian.packages = packages;
	action->debian.count = count;
	return check_count(reader, action);
}
