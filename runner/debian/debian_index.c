/* SPDX-License-Identifier: MIT */
/* A Packages index is a list of stanzas with an empty line between them, each a list of
 * "Name: value" fields; a line that starts with a blank continues the field above (deb822(5)).
 * Field names are read in any case. */
#include "debian/debian_index.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "debian/debian_version.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	FIELD_LIMIT =
		1 << 20, /* bytes of one field that we use; the longest of bookworm has 75 649 */
	PACKAGE_LIMIT = 1 << 20,
};

/* The fields of a stanza that we use, as slices that were NUL-terminated in the text. */
struct stanza {
	char *package, *version, *architecture, *filename, *size, *sha256, *priority;
	char *pre_depends, *depends, *conflicts, *breaks, *provides;
};

static char **
slot(struct stanza *stanza, const char *name)
{
	struct {
		const char *name;
		char **value;
	} table[] = {
		{"Package", &stanza->package},
		{"Version", &stanza->version},
		{"Architecture", &stanza->architecture},
		{"Filename", &stanza->filename},
		{"Size", &stanza->size},
		{"SHA256", &stanza->sha256},
		{"Priority", &stanza->priority},
		{"Pre-Depends", &stanza->pre_depends},
		{"Depends", &stanza->depends},
		{"Conflicts", &stanza->conflicts},
		{"Breaks", &stanza->breaks},
		{"Provides", &stanza->provides},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (strcasecmp(table[i].name, name) == 0) {
			return table[i].value;
		}
	}
	return NULL;
}

/* A place in the text that is being cut into fields. */
struct reader {
	char *at;
	size_t line;
};

/* Ends the field's value at its last line and steps behind it; folded lines become one. */
static char *
take_value(struct reader *reader)
{
	char *value = reader->at + strspn(reader->at, " \t");

	for (;;) {
		char *end = strchrnul(reader->at, '\n');
		bool is_last = *end == '\0' || (end[1] != ' ' && end[1] != '\t');
		reader->at = *end ? end + 1 : end;
		reader->line++;
		if (is_last) {
			*end = '\0';
			break;
		}
		*end = ' ';
	}
	for (char *end = value + strlen(value);
		end > value && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'); end--) {
		end[-1] = '\0';
	}
	return value;
}

static int
take_field(struct reader *reader, struct stanza *stanza, struct err *err)
{
	size_t line = reader->line;
	char *name = reader->at;
	size_t length = strcspn(name, ":\n");

	if (length == 0 || name[length] != ':') {
		return err_fail(err, STATUS_SOURCE,
			"line %zu of the index: 'Name: value' was expected, not '%.*s'", line,
			(int)(length < 40 ? length : 40), name);
	}
	name[length] = '\0';
	reader->at += length + 1;
	char *value = take_value(reader);
	char **place = slot(stanza, name);
	if (!place) {
		return 0;
	}
	if (*place) {
		return err_fail(err, STATUS_SOURCE,
			"line %zu of the index: a second '%s' in one stanza", line, name);
	}
	if (strlen(value) > FIELD_LIMIT) {
		return err_fail(err, STATUS_SOURCE,
			"line %zu of the index: '%s' is longer than %d bytes", line, name,
			FIELD_LIMIT);
	}
	*place = value;
	return 0;
}

static unsigned
rank(const char *priority)
{
	static const char *const names[] = {"required", "important", "standard", "optional"};
	unsigned rank = 0;

	while (rank < 4 && (!priority || strcmp(priority, names[rank]) != 0)) {
		rank++;
	}
	return rank;
}

static bool
parse_size(const char *text, uint64_t *ret_size)
{
	size_t length = strlen(text);

	if (length == 0 || length > 15 || strspn(text, "0123456789") != length) {
		return false;
	}
	*ret_size = strtoull(text, NULL, 10);
	return true;
}

static const char *
or_empty(const char *text)
{
	return text ? text : "";
}

/* NULL when the stanza is good, else the name of the field that is not. */
static const char *
package_from(const struct stanza *stanza, const char *architecture, struct debian_package *package)
{
	*package = (struct debian_package){
		.name = or_empty(stanza->package),
		.version = or_empty(stanza->version),
		.path = or_empty(stanza->filename),
		.pre_depends = or_empty(stanza->pre_depends),
		.depends = or_empty(stanza->depends),
		.conflicts = or_empty(stanza->conflicts),
		.breaks = or_empty(stanza->breaks),
		.provides = or_empty(stanza->provides),
		.rank = rank(stanza->priority),
	};
	const char *built_for = or_empty(stanza->architecture);
	if (!debian_is_name(package->name)) {
		return "Package";
	}
	if (!debian_is_version(package->version)) {
		return "Version";
	}
	if (strcmp(built_for, architecture) != 0 && strcmp(built_for, "all") != 0) {
		return "Architecture";
	}
	if (!debian_is_path(package->path)) {
		return "Filename";
	}
	if (!parse_size(or_empty(stanza->size), &package->size)) {
		return "Size";
	}
	return digest_parse(or_empty(stanza->sha256), &package->sha256) ? NULL : "SHA256";
}

static void
add_package(struct debian_index *index, size_t *capacity, const struct debian_package *package)
{
	if (index->count == *capacity) {
		*capacity = *capacity ? 2 * *capacity : 1024;
		index->packages = mem_resize(index->packages, *capacity, sizeof(*index->packages));
	}
	index->packages[index->count++] = *package;
}

static int
read_stanzas(struct debian_index *index, char *text, const char *architecture, struct err *err)
{
	struct reader reader = {.at = text, .line = 1};
	size_t capacity = 0;

	for (;;) {
		while (*reader.at == '\n') {
			reader.at++;
			reader.line++;
		}
		if (*reader.at == '\0') {
			return 0;
		}
		size_t line = reader.line;
		struct stanza stanza = {0};
		while (*reader.at && *reader.at != '\n') {
			if (take_field(&reader, &stanza, err) < 0) {
				return -1;
			}
		}
		struct debian_package package;
		const char *wrong = package_from(&stanza, architecture, &package);
		if (wrong || index->count == PACKAGE_LIMIT) {
			return err_fail(err, STATUS_SOURCE,
				"the stanza at line %zu of the index ('%.80s') has no good %s",
				line, or_empty(stanza.package),
				wrong ? wrong : "place: there are too many");
		}
		add_package(index, &capacity, &package);
	}
}

/* By name; of one name the latest version first. */
static int
compare_packages(const void *a, const void *b)
{
	const struct debian_package *one = a, *other = b;
	int difference = strcmp(one->name, other->name);

	return difference ? difference : debian_version_compare(other->version, one->version);
}

static void
sort_packages(struct debian_index *index)
{
	size_t kept = 0;

	if (index->count > 0) {
		qsort(index->packages, index->count, sizeof(*index->packages), compare_packages);
	}
	for (size_t i = 0; i < index->count; i++) {
		if (kept == 0 ||
			strcmp(index->packages[kept - 1].name, index->packages[i].name) != 0) {
			index->packages[kept++] = index->packages[i];
		}
	}
	index->count = kept;
}

static int
compare_providers(const void *a, const void *b)
{
	const struct debian_provider *one = a, *other = b;
	int difference = strcmp(one->name, other->name);

	if (difference == 0) {
		difference = (int)one->package->rank - (int)other->package->rank;
	}
	return difference ? difference : strcmp(one->package->name, other->package->name);
}

static int
read_provides(struct debian_index *index, struct err *err)
{
	size_t capacity = 0;

	for (size_t i = 0; i < index->count; i++) {
		const struct debian_package *package = &index->packages[i];
		struct debian_relations provided = {0};
		if (debian_relations_parse(package->provides, &index->arena, &provided, err) < 0) {
			return err_wrap(err, "'Provides' of '%s'", package->name);
		}
		for (size_t j = 0; j < provided.count; j++) {
			if (index->provider_count == capacity) {
				capacity = capacity ? 2 * capacity : 1024;
				index->providers = mem_resize(
					index->providers, capacity, sizeof(*index->providers));
			}
			index->providers[index->provider_count++] = (struct debian_provider){
				provided.items[j].name, provided.items[j].version, package};
		}
	}
	if (index->provider_count > 0) {
		qsort(index->providers, index->provider_count, sizeof(*index->providers),
			compare_providers);
	}
	return 0;
}

int
debian_index_parse(char *take_text, size_t length, const char *architecture,
	struct debian_index *ret_index, struct err *err)
{
	struct debian_index index = {0};

	if (memchr(take_text, '\0', length)) {
		return err_fail(err, STATUS_SOURCE, "the index has NUL bytes in it");
	}
	if (read_stanzas(&index, take_text, architecture, err) < 0) {
		debian_index_done(&index);
		return -1;
	}
	sort_packages(&index);
	if (read_provides(&index, err) < 0) {
		debian_index_done(&index);
		return -1;
	}
	index.text = take_text;
	*ret_index = index;
	return 0;
}

void
debian_index_done(struct debian_index *index)
{
	free(index->packages);
	free(index->providers);
	free(index->text);
	arena_done(&index->arena);
	*index = (struct debian_index){0};
}

static int
compare_name(const void *name, const void *package)
{
	return strcmp(name, ((const struct debian_package *)package)->name);
}

const struct debian_package *
debian_index_find(const struct debian_index *index, const char *name)
{
	return index->count == 0 ? NULL
				 : bsearch(name, index->packages, index->count,
					   sizeof(*index->packages), compare_name);
}

const struct debian_provider *
debian_index_providers(const struct debian_index *index, const char *name, size_t *ret_count)
{
	size_t low = 0, high = index->provider_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(index->providers[middle].name, name) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	size_t end = low;
	while (end < index->provider_count && strcmp(index->providers[end].name, name) == 0) {
		end++;
	}
	*ret_count = end - low;
	return end > low ? &index->providers[low] : NULL;
}
