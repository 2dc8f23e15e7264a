/* SPDX-License-Identifier: MIT */
/* What a file is to the packer. */
#ifndef BRUN_CLASSIFY_H
#define BRUN_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf;

enum file_class {
	FILE_OTHER,
	FILE_DYNAMIC_PROGRAM,
	FILE_STATIC_PROGRAM,
	FILE_LIBRARY, /* a shared library, also one that can be started (libc.so.6) */
	FILE_RELOCATABLE,
	FILE_SCRIPT,   /* starts with "#!" */
	FILE_LAUNCHER, /* one of ours: a packed program */
};

/* Classifies a file's bytes. For ELF classes *ret_elf is opened with its dynamic section. Where an
 * ELF file is damaged or foreign it is FILE_OTHER and *ret_why, if not NULL, is a sentence. */
enum file_class file_classify(
	const void *data, uint64_t size, struct elf *ret_elf, const char **ret_why);

/* Is it one of the classes that come with an opened struct elf? */
bool file_class_is_elf(enum file_class class);

/* For people and JSON: "dynamic program", "library", … */
const char *file_class_name(enum file_class class);

/* Where the bytes that the ELF headers account for end: data behind it is an overlay. */
uint64_t elf_end(const struct elf *elf);

#endif
