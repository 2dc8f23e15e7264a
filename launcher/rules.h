/* SPDX-License-Identifier: MIT */
/* What well-known programs and libraries look for beside libraries, by a path that was compiled
 * into them: a table (rules.c) that anyone can add to. A rule holds for a program when each trigger
 * that it has is met by the program, and data of it are found. */
#ifndef BRUN_RULES_H
#define BRUN_RULES_H

#include <stdbool.h>

enum { RULE_WORDS = 16, RULE_OPERATIONS = 4 };

/* All lists end with NULL. */
struct rule {
	const char *name; /* for pack.json */

	/* Triggers. What is not set is no condition; one of programs, libraries, proof is. */
	const char *programs[RULE_WORDS]; /* patterns of file names */
	const char *libraries[4];	  /* starts of the names of libraries in the closure */
	const char *imports[4];		  /* symbols, one of which is imported in the closure */
	const char *proof;		  /* a string in the program itself */
	bool is_script;			  /* the program runs a script of the output */

	/* Paths, with patterns: "share/x" lies below the prefix of the program's tree ("/usr" in a
	 * root file system) and comes out at the same place below the output's top; "/etc/x" is
	 * from a root's top and comes out there. All that are found are taken along. */
	const char *data[RULE_WORDS];
	const char *except[RULE_WORDS]; /* patterns of names that are left out of directories */
	bool is_first;			/* the first of the data that is found is enough */
	bool is_named;	   /* only data whose last part is in the program's or library's name */
	bool is_spelled;   /* only data whose whole path the program has in it */
	bool is_whole;	   /* links out of a directory of data to another bring that one along */
	bool has_programs; /* executables among the data are programs: they are packed, too */
	/* NULL, or where the data come out instead: "%p" is the launcher's own path, "%d" its
	 * directory, "%n" the last part of what was found. */
	const char *place;
	/* The data are a directory that the program opens modules from by dlopen(3) alone: what it
	 * was compiled to, "/usr/lib/x", becomes "$ORIGIN/PLACE" in its copy (ld.so(8), "Dynamic
	 * string tokens"), which must be no longer. Implies is_spelled. */
	bool is_opened;

	/* Libraries by name that are opened at run time: they come along where there are any. */
	const char *opens[RULE_WORDS];
	bool keeps_names; /* the triggering library's file keeps its full name: it is looked at */

	/* Done to the variables where the user has not set them; "%s" stands for the data that were
	 * found, "${ROOT}/PATH" each with ':' between them. Behind a ':' comes what is added to the
	 * value that another rule gives the variable. */
	struct {
		const char *name, *value;
	} operations[RULE_OPERATIONS];

	const char *note; /* what no data can help with: said of every program that it holds for */
};

/* The table; the last one has no name. */
extern const struct rule rules[];

#endif
