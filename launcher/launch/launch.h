/* SPDX-License-Identifier: MIT */
/* The launcher from inside. It runs before any libc, with the kernel's stack as it is: nothing here
 * may have a relocation, a writable variable, or use a floating-point register. */
#ifndef BRUN_LAUNCH_H
#define BRUN_LAUNCH_H

#include "../config.h"

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXIT_REFUSED = 126, EXIT_NOT_FOUND = 127, PATH_SIZE = 4096 };

/* What entry-*.S leave below the stack pointer: there the arrays move down to, by LAUNCH_MEMORY,
 * and a word for each operation and argument, and for argv[0], a script and the alignment. */
enum { LAUNCH_ROOM = 12288, LAUNCH_MEMORY = 8192 };
_Static_assert(LAUNCH_MEMORY + (CONFIG_ENV_MAX + 5) * sizeof(uint64_t) <= LAUNCH_ROOM,
	"the arrays stay above the launcher's own frames");

/* What the kernel left above the stack pointer, and where everything of the launcher hangs. */
struct launch {
	uint64_t *stack; /* argc, argv, NULL, environment, NULL, auxiliary vector */
	char **environment;
	Elf64_auxv_t *auxiliary;
	uint64_t page_size;
	char *free, *end; /* memory that stays with the program: memory_take */
	const char *name; /* the launcher's own path, for messages */
	const char *root; /* the output directory, absolute; "" when it is "/" */
	uint64_t random;  /* from AT_RANDOM; 0 when addresses shall not vary */
	unsigned levels;  /* from the launcher's directory to root */
	bool is_plain;	  /* no link on the way to the launcher: root is cut from its path */
	bool is_secure;	  /* AT_SECURE */
	struct config config;
};

/* A program or an interpreter, as a file and then in memory. Addresses are the file's; bias is what
 * is added to them in memory. */
struct object {
	int fd;
	bool is_bound; /* ET_EXEC */
	const char *path;
	uint64_t start, size; /* where in the file, how much of it */
	uint32_t written;     /* so much of its data is about to be written to */
	uint64_t entry;
	Elf64_Phdr *segments, *segments_end; /* a copy, in memory that stays */
	uint64_t bias, align, low, high;     /* low and high: the pages of all segments */
	uint64_t code, code_end, data, data_end, headers; /* as load_elf_binary reckons them */
};

/* bytes.c */
size_t text_length(const char *text);
/* Does the byte stand in the text? */
bool text_has(const char *text, char byte);
/* Puts text at `at`, a NUL behind; returns where the NUL is. */
char *text_put(char *at, const char *text);

/* fail.c: one line on stderr (NAME: cannot start: A B: error), then the end. error is a negated
 * errno or 0. */
_Noreturn void fail(
	const struct launch *launch, int status, const char *a, const char *b, long error);

/* memory.c: memory, aligned to 16 bytes, that stays with the program: what the arrays leave, which
 * memory_begin moves down by LAUNCH_MEMORY, then mappings. */
void memory_begin(struct launch *launch);
void *memory_take(struct launch *launch, size_t size);
/* first + second + third in memory of its own. Each may be "". */
char *text_join(struct launch *launch, const char *first, const char *second, const char *third);
/* ROOT/path */
char *path_of(struct launch *launch, const char *path);

/* place.c: fills name (in the buffer, PATH_SIZE long), root, levels and is_plain and opens the
 * program. */
void place_find(struct launch *launch, char *buffer, struct object *ret_program);

/* map.c: reads and checks headers, maps all segments, closes. wanted: where a program that can move
 * goes; 0 lets the kernel choose. */
void object_map(struct launch *launch, struct object *object, uint64_t wanted);
/* The first segment of this type, or NULL. */
Elf64_Phdr *object_segment(const struct object *object, uint32_t type);
/* The PT_LOAD whose part of the file has length bytes at the object's own `address`, or NULL. */
const Elf64_Phdr *object_load(const struct object *object, uint64_t address, uint64_t length);

/* dynamic.c: makes the program headers in `segments`, which are what the interpreter gets, lead to
 * a copy of the dynamic section that names the bundled libraries. The program's own DT_DEBUG is
 * pointed to the interpreter's _r_debug; false where that cannot be. */
bool dynamic_redirect(
	struct launch *launch, const struct object *program, const struct object *interpreter);

/* auxv.c: the value of an entry; some other variable where there is none, with 0 in it at first. */
uint64_t *auxv_at(struct launch *launch, uint64_t type);
/* Fills random. */
void auxv_read_random(struct launch *launch);
/* Where the program goes: near the kernel's ELF_ET_DYN_BASE; moves by AT_RANDOM. */
uint64_t auxv_random_base(const struct launch *launch);
/* Tells the kernel what execve would have: code, data, heap, saved auxiliary vector. */
void auxv_tell_kernel(struct launch *launch, const struct object *program);

/* environment.c: the arrays' words from the stack pointer up to `end` move by so many. */
void stack_shift(struct launch *launch, void *end, long by);
/* Applies the operations and a script's arguments; returns the new stack pointer. */
uint64_t *environment_apply(struct launch *launch, const char *program_path);

/* launch.c: finds the arrays that start there. */
void stack_open(struct launch *launch, uint64_t *stack);
/* Called by the entry with the kernel's stack pointer; returns where to go on, and with
 * which stack pointer. The entry has left room below `stack` for the arrays to move to. */
struct launch_result {
	uint64_t entry;
	uint64_t *stack;
};
struct launch_result launch_main(uint64_t *stack);

#endif
