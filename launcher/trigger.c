/* SPDX-License-Identifier: MIT */
#include "trigger.h"

#include "closure.h"
#include "paths.h"
#include "rules.h"
#include "sources.h"
#include "wrap.h"

#include <fnmatch.h>
#include <string.h>

bool
rule_names(const struct file *file, const char *text)
{
	return file->data && memmem(file->data, file->size, text, strlen(text)) != NULL;
}

static bool
is_called(const struct wrap *wrap, const char *const *patterns)
{
	const char *names[] = {
		wrap->program_name, path_name(wrap->program->path), path_name(wrap->entry->path)};

	for (; *patterns; patterns++) {
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			if (fnmatch(*patterns, names[i], 0) == 0) {
				return true;
			}
		}
	}
	return false;
}

static const struct file *
find_library(const struct closure *closure, const char *const *starts)
{
	for (size_t i = 1; i < closure->count; i++) {
		for (const char *const *start = starts; *start; start++) {
			if (strncmp(closure->items[i].name, *start, strlen(*start)) == 0) {
				return closure->items[i].file;
			}
		}
	}
	return NULL;
}

bool
rule_holds(const struct rule *rule, const struct wrap *wrap, const struct file **ret_trigger)
{
	const struct file *library = find_library(&wrap->closure, rule->libraries);

	if ((rule->is_script && wrap->kind != CONFIG_SCRIPT) ||
		(rule->programs[0] && !is_called(wrap, rule->programs)) ||
		(rule->libraries[0] && !library) ||
		(rule->proof && !rule_names(wrap->program, rule->proof)) ||
		(rule->imports[0] && !closure_imports(&wrap->closure, rule->imports, NULL))) {
		return false;
	}
	*ret_trigger = library ? library : wrap->program;
	return true;
}
