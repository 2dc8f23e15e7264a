/* SPDX-License-Identifier: MIT */
#include "debian/debian_version.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"

#include <string.h>

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool
is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* The weight of a byte outside numbers: '~' sorts before the end, letters before the rest. */
static int
weight(const char *at, const char *end)
{
	if (at == end || is_digit(*at)) {
		return 0;
	}
	if (*at == '~') {
		return -1;
	}
	return is_letter(*at) ? (unsigned char)*at : (unsigned char)*at + 256;
}

static int
compare_numbers(const char **a, const char *a_end, const char **b, const char *b_end)
{
	int first_difference = 0;

	while (*a < a_end && **a == '0') {
		(*a)++;
	}
	while (*b < b_end && **b == '0') {
		(*b)++;
	}
	while (*a < a_end && is_digit(**a) && *b < b_end && is_digit(**b)) {
		if (first_difference == 0) {
			first_difference = **a - **b;
		}
		(*a)++;
		(*b)++;
	}
	if (*a < a_end && is_digit(**a)) {
		return 1;
	}
	if (*b < b_end && is_digit(**b)) {
		return -1;
	}
	return first_difference;
}

/* Compares an upstream version or a revision: text and numbers by turns. */
static int
compare_part(const char *a, const char *a_end, const char *b, const char *b_end)
{
	while (a < a_end || b < b_end) {
		while ((a < a_end && !is_digit(*a)) || (b < b_end && !is_digit(*b))) {
			int difference = weight(a, a_end) - weight(b, b_end);
			if (difference != 0) {
				return difference;
			}
			a += a < a_end;
			b += b < b_end;
		}
		int difference = compare_numbers(&a, a_end, &b, b_end);
		if (difference != 0) {
			return difference;
		}
	}
	return 0;
}

/* [epoch:]upstream[-revision] as slices. */
struct version {
	const char *epoch, *epoch_end, *upstream, *upstream_end, *revision, *revision_end;
};

static struct version
split(const char *text)
{
	const char *end = text + strlen(text);
	const char *colon = strchr(text, ':');
	const char *dash = strrchr(text, '-');
	const char *upstream = colon ? colon + 1 : text;

	dash = dash && dash >= upstream ? dash : NULL;
	return (struct version){
		.epoch = text,
		.epoch_end = colon ? colon : text,
		.upstream = upstream,
		.upstream_end = dash ? dash : end,
		.revision = dash ? dash + 1 : end,
		.revision_end = end,
	};
}

int
debian_version_compare(const char *a, const char *b)
{
	struct version one = split(a), other = split(b);
	int difference = compare_numbers(&one.epoch, one.epoch_end, &other.epoch, other.epoch_end);

	if (difference == 0) {
		difference = compare_part(
			one.upstream, one.upstream_end, other.upstream, other.upstream_end);
	}
	if (difference == 0) {
		difference = compare_part(
			one.revision, one.revision_end, other.revision, other.revision_end);
	}
	return difference;
}

bool
debian_version_satisfies(const char *version, enum debian_operator operator, const char * wanted)
{
	if (operator== DEBIAN_ANY) {
		return true;
	}
	if (!version) {
		return false;
	}
	int difference = debian_version_compare(version, wanted);
	switch (operator) {
	case DEBIAN_EARLIER:
		return difference < 0;
	case DEBIAN_EARLIER_EQUAL:
		return difference <= 0;
	case DEBIAN_EQUAL:
		return difference == 0;
	case DEBIAN_LATER_EQUAL:
		return difference >= 0;
	default:
		return difference > 0;
	}
}

static size_t
name_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
}

static size_t
version_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-:~");
}

bool
debian_is_name(const char *text)
{
	size_t length = name_length(text);

	return length >= 2 && text[length] == '\0' && (is_digit(*text) || is_letter(*text));
}

bool
debian_is_version(const char *text)
{
	return is_digit(*text) && text[version_length(text)] == '\0';
}

bool
debian_is_path(const char *text)
{
	return strncmp(text, "pool/", 5) == 0 && fs_is_clean_relative(text) &&
	       strlen(text) < 1024 &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "/+-._~")] == '\0';
}

static void
skip_blanks(const char **at)
{
	*at += strspn(*at, " \t");
}

static bool
take_operator(const char **at, enum debian_operator *ret_operator)
{
	static const struct {
		const char *text;
		enum debian_operator operator;
	} table[] = {
		{"<<", DEBIAN_EARLIER},
		{"<=", DEBIAN_EARLIER_EQUAL},
		{"=", DEBIAN_EQUAL},
		{">=", DEBIAN_LATER_EQUAL},
		{">>", DEBIAN_LATER},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		size_t length = strlen(table[i].text);
		if (strncmp(*at, table[i].text, length) == 0) {
			*at += length;
			*ret_operator = table[i].operator;
			return true;
		}
	}
	return false;
}

/* "(>= 1.2)"; false where it is not of that form. */
static bool
take_constraint(const char **at, struct arena *arena, struct debian_relation *relation)
{
	(*at)++;
	skip_blanks(at);
	if (!take_operator(at, &relation->operator)) {
		return false;
	}
	skip_blanks(at);
	size_t length = version_length(*at);
	if (length == 0) {
		return false;
	}
	relation->version = arena_strndup(arena, *at, length);
	*at += length;
	skip_blanks(at);
	if (**at != ')') {
		return false;
	}
	(*at)++;
	return true;
}

/* Reads over "[amd64 …]" or "<!nocheck>". */
static bool
take_restriction(const char **at, char closing)
{
	const char *end = strchr(*at, closing);

	if (!end) {
		return false;
	}
	*at = end + 1;
	return true;
}

static bool
take_relation(const char **at, struct arena *arena, struct debian_relation *relation)
{
	size_t length = name_length(*at);

	if (length == 0) {
		return false;
	}
	relation->name = arena_strndup(arena, *at, length);
	*at += length;
	if (**at == ':') {
		(*at)++;
		*at += name_length(*at);
	}
	for (;;) {
		bool is_good = true;
		skip_blanks(at);
		switch (**at) {
		case '(':
			is_good = !relation->version && take_constraint(at, arena, relation);
			break;
		case '[':
			is_good = take_restriction(at, ']');
			break;
		case '<':
			is_good = take_restriction(at, '>');
			break;
		default:
			return true;
		}
		if (!is_good) {
			return false;
		}
	}
}

/* More than the separators in the text can ever make. */
static size_t
most_relations(const char *text)
{
	size_t most = 1;

	for (; *text; text++) {
		most += *text == ',' || *text == '|';
	}
	return most;
}

int
debian_relations_parse(const char *text, struct arena *arena,
	struct debian_relations *ret_relations, struct err *err)
{
	struct debian_relations relations = {
		.items = arena_alloc(arena, most_relations(text), sizeof(*relations.items))};
	const char *at = text;

	for (skip_blanks(&at); *at; skip_blanks(&at)) {
		struct debian_relation *relation = &relations.items[relations.count];
		if (!take_relation(&at, arena, relation) || (*at && *at != ',' && *at != '|')) {
			return err_fail(err, STATUS_SOURCE,
				"a relation like 'name (>= 1.0)' was expected at '%.40s'", at);
		}
		relations.count++;
		relation->has_alternative = *at == '|';
		at += *at != '\0';
	}
	if (relations.count > 0 && relations.items[relations.count - 1].has_alternative) {
		return err_fail(err, STATUS_SOURCE, "the field ends in '|'");
	}
	*ret_relations = relations;
	return 0;
}

const char *
debian_relation_text(const struct debian_relation *relation, struct arena *arena)
{
	static const char *const signs[] = {"", "<<", "<=", "=", ">=", ">>"};

	return relation->operator == DEBIAN_ANY
		? relation->name
		: arena_printf(arena, "%s (%s %s)", relation->name, signs[relation->operator],
			  relation->version);
}
