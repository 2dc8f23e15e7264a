/* SPDX-License-Identifier: MIT */
/* A hostile program: one file each, in the folder of what it aims at. Its first comment says what
 * it tries, what must be seen, and what it is known from. */
#ifndef BRUN_ATTACKS_ATTACK_H
#define BRUN_ATTACKS_ATTACK_H

#include <stdbool.h>
#include <stddef.h>

/* What was seen from outside, when the step was over. */
struct seen {
	int status;	    /* brun's exit status */
	const char *said;   /* what brun printed */
	size_t length;	    /* of that */
	const char *output; /* where brun put the output; maybe nothing is there */
	const char *dir;    /* the test's own directory */
};

struct attack {
	const char *file;
	void (*body)(void);			/* the step; 0 where it returns */
	void (*check)(const struct seen *seen); /* outside, by must_be; or NULL */
	const char *says;			/* must be among what brun prints; or NULL */
	const char *limits;			/* of the step, as in a recipe; or NULL */
	const char *base;			/* NULL: "base" */
	int status;				/* that brun must end with */
	bool has_network;			/* the step shares the host's network */
	bool has_terminal;			/* brun's stderr is a terminal */
	bool is_kept;				/* brun build -K */
	bool is_repeated;			/* twice: the steps are told phase=1 and phase=2 */
	struct attack *next;
};

/* ATTACK(.status = 1, …) { the step } registers the attack of this file. A step that returns leaves
 * the output that an honest one would: one file, `held`. */
#define ATTACK(...)                                                                                \
	static void attack_body(void);                                                             \
	static struct attack this_attack = {.file = __FILE__, .body = attack_body, __VA_ARGS__};   \
	__attribute__((constructor)) static void attack_register(void)                             \
	{                                                                                          \
		attack_add(&this_attack);                                                          \
	}                                                                                          \
	static void attack_body(void)

void attack_add(struct attack *attack);

/* By name: the file's without its suffix. NULL: none such. */
const struct attack *attack_find(const char *name);

/* A call that must return -1. */
void must_fail(long result, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A call that must return -1 and this errno, which is looked at first thing. In another sandbox
 * than brun's any refusal will do; an errno that is none tells that the kernel got as far as the
 * arguments, and is noted. */
void must_fail_with(int number, long result, const char *what);

void must_be(bool is_so, const char *what);

/* Is the step brun's? What is not tried but true of a step of brun's is only asked for then. */
bool attack_is_ours(void);
void attack_set_ours(bool is_ours);
bool attack_has_held(void);

/* Ends the program: this machine can't tell. */
_Noreturn void cannot_tell(const char *why);

#endif
