/* SPDX-License-Identifier: MIT */
/* Why one action would run, in lines for people. */
#ifndef BRUN_WHY_TEXT_H
#define BRUN_WHY_TEXT_H

struct buf;
struct json_t;

/* At most as many files of an input are named. */
enum { WHY_FILES_NAMED = 5 };

/* Appends what an object of why_explain's (described at the top of why.c) says. */
void why_text_add(struct buf *text, const struct json_t *object);

#endif
