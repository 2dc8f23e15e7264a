/* SPDX-License-Identifier: MIT */
/* Where the text of a script lies whose launcher has taken its place. Usage messages are made of
 * the name in `$0`, and what a script needs it finds beside that and above it. So bin/x has its
 * text in a directory of its own beside bin, as .bin.x/x, with links to all else that lies in bin.
 * Where that is too much for links, the text is bin/.x. */
#ifndef BRUN_SCRIPT_PLACE_H
#define BRUN_SCRIPT_PLACE_H

struct entries;
struct packed_entry;
struct sources;
struct wrap;

/* The path of the text, the same each time; NULL where nothing suitable is free. */
const char *script_place(
	struct sources *sources, const struct entries *entries, struct packed_entry *script);

/* Fills wrap->runs and wrap->inner (wrap.h) and adds them to `more`: in the directory TEXT.brun a
 * link with the script's name, after which the kernel names the process (fs/exec.c), and exe/NAME.
 * The script has its place already. */
void script_add_runner(struct sources *sources, struct wrap *wrap, struct entries *more);

/* Adds the text and what goes with it to `more`; entries is sorted. */
void script_move(struct sources *sources, const struct entries *entries,
	struct packed_entry *script, struct entries *more);

#endif
