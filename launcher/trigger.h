/* SPDX-License-Identifier: MIT */
/* When a rule (rules.h) holds. */
#ifndef BRUN_TRIGGER_H
#define BRUN_TRIGGER_H

#include <stdbool.h>

struct file;
struct rule;
struct wrap;

/* Does every trigger that the rule has go off for the program? Then *ret_trigger is what it is
 * about: the program's own file, or the library. */
bool rule_holds(const struct rule *rule, const struct wrap *wrap, const struct file **ret_trigger);

/* Is the text somewhere in the bytes of an ELF file? */
bool rule_names(const struct file *file, const char *text);

#endif
