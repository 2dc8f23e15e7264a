/* SPDX-License-Identifier: MIT */
#include "versions.h"

#include "elf.h"

#include <string.h>

enum { RECORDS_MAX = 8192 /* of one file: a chain may be made to loop */ };

/* A cursor over records that name the next one by a distance. */
struct cursor {
	const struct elf *elf;
	uint64_t address;
	unsigned count; /* of records in this chain */
	unsigned *left; /* of all chains of the file */
};

static bool
cursor_read(struct cursor *cursor, void *ret_record, size_t size)
{
	uint64_t offset;

	if (cursor->count == 0 || *cursor->left == 0 ||
		!elf_offset(cursor->elf, cursor->address, size, &offset)) {
		return false;
	}
	cursor->count--;
	--*cursor->left;
	memcpy(ret_record, cursor->elf->data + offset, size);
	return true;
}

static void
cursor_next(struct cursor *cursor, uint32_t distance)
{
	cursor->address += distance;
	cursor->count = distance == 0 ? 0 : cursor->count;
}

static bool
needed_of_library(
	const struct cursor *at, const Elf64_Verneed *need, versions_fn *each, void *context)
{
	const struct elf *elf = at->elf;
	const char *library = elf_name(elf, need->vn_file);
	struct cursor cursor = {elf, at->address + need->vn_aux, need->vn_cnt, at->left};
	Elf64_Vernaux record;

	while (library && cursor_read(&cursor, &record, sizeof(record))) {
		const char *version = elf_name(elf, record.vna_name);
		if (version && !each(context, library, version, record.vna_flags & VER_FLG_WEAK)) {
			return false;
		}
		cursor_next(&cursor, record.vna_next);
	}
	return true;
}

bool
versions_needed(const struct elf *elf, versions_fn *each, void *context)
{
	unsigned left = RECORDS_MAX;
	struct cursor cursor = {.elf = elf, .count = RECORDS_MAX, .left = &left};
	Elf64_Verneed record;

	if (!elf_dynamic_value(elf, DT_VERNEED, &cursor.address)) {
		return true;
	}
	while (cursor_read(&cursor, &record, sizeof(record))) {
		if (!needed_of_library(&cursor, &record, each, context)) {
			return false;
		}
		cursor_next(&cursor, record.vn_next);
	}
	return true;
}

/* Calls `each` with where the string table has the name of each version, until it says so. */
static bool
each_defined(const struct elf *elf, bool (*each)(void *context, uint64_t name), void *context)
{
	unsigned left = RECORDS_MAX;
	struct cursor cursor = {.elf = elf, .count = RECORDS_MAX, .left = &left};
	Elf64_Verdef record;

	if (!elf_dynamic_value(elf, DT_VERDEF, &cursor.address)) {
		return true;
	}
	while (cursor_read(&cursor, &record, sizeof(record))) {
		Elf64_Verdaux name;
		struct cursor names = {elf, cursor.address + record.vd_aux, 1, &left};
		/* The first name is the version's, the others are those it inherits. */
		if (cursor_read(&names, &name, sizeof(name)) && !each(context, name.vda_name)) {
			return false;
		}
		cursor_next(&cursor, record.vd_next);
	}
	return true;
}

/* What versions_defined and versions_defines look for. */
struct defining {
	const struct elf *elf;
	versions_fn *each;
	void *context;
	const char *wanted;
	size_t length; /* of that, with its NUL */
};

static bool
tell(void *context, uint64_t name)
{
	const struct defining *defining = context;
	const char *version = elf_name(defining->elf, name);

	return !version || defining->each(defining->context, NULL, version, false);
}

bool
versions_defined(const struct elf *elf, versions_fn *each, void *context)
{
	struct defining defining = {.elf = elf, .each = each, .context = context};

	return each_defined(elf, tell, &defining);
}

/* No string of the file is read further than the wanted one is long. */
static bool
is_other(void *context, uint64_t name)
{
	const struct defining *defining = context;
	const struct elf *elf = defining->elf;

	return name >= elf->strings_size || defining->length > elf->strings_size - name ||
	       memcmp(elf->data + elf->strings_offset + name, defining->wanted, defining->length) !=
		       0;
}

bool
versions_defines(const struct elf *elf, const char *version)
{
	struct defining defining = {.elf = elf, .wanted = version, .length = strlen(version) + 1};

	return !each_defined(elf, is_other, &defining);
}
