/* SPDX-License-Identifier: MIT */
/* Launchers, ELF files and bundles as JSON values, for inspection. */
#ifndef BRUN_DESCRIBE_H
#define BRUN_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct elf;
struct file;
struct json_t;
struct sources;

/* A JSON string; bytes that are no UTF-8 become \xNN. */
struct json_t *describe_text(const char *text);

/* A launcher's configuration as an object; "damage" says what is wrong with it. */
struct json_t *describe_launcher(const void *data, size_t size);

/* Adds an ELF file's names to an object: interpreter, soname, rpath, runpath, needed. */
void describe_elf(const struct elf *elf, struct json_t *object);

/* Appends a sentence to `problems` for each file that a launcher needs and that is not there. */
void describe_missing(
	struct sources *sources, const struct file *launcher, struct json_t *problems);

/* Appends a sentence for each file of a bundle that is missing or not what pack.json says. */
void describe_damage(struct sources *sources, const char *id, const struct json_t *bundle,
	struct json_t *problems);

/* Sets a key that may be no UTF-8. */
void describe_put(struct json_t *object, const char *key, struct json_t *value);

/* Appends "PATH: WHAT" to `problems`. */
void describe_problem(struct json_t *problems, const char *path, const char *what);

/* Appends the object as JSON or as text. */
void describe_print(const struct json_t *root, bool is_json, struct buf *ret_text);

#endif
