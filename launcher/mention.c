/* SPDX-License-Identifier: MIT */
#include "mention.h"

#include <ctype.h>
#include <string.h>

/* hier(7), where Nix and Guix keep theirs, and last a build step's own two. Not /proc, /dev, /sys
 * and /tmp: they are the kernel's, or anybody's. */
static const char *const tops[] = {"usr", "etc", "lib", "lib32", "lib64", "bin", "sbin", "opt",
	"var", "run", "home", "root", "srv", "nix", "gnu", "build", "brun"};

enum { TOPS = sizeof(tops) / sizeof(*tops), BUILD_TOPS = 2 };

static bool
is_path_byte(unsigned char byte)
{
	return isalnum(byte) || (byte && strchr("/._+-@%~,", byte));
}

/* What a '/' stands behind when it is not the first of a path: "${ROOT}/usr", "../usr", "a/usr". */
static bool
continues(unsigned char before)
{
	return is_path_byte(before) || before == '}' || before == ')';
}

/* The index in tops of the component that starts there; TOPS: none of them. */
static size_t
top_of(const char *name, size_t length)
{
	for (size_t i = 0; i < TOPS; i++) {
		size_t size = strlen(tops[i]);
		if (size < length && memcmp(name, tops[i], size) == 0 && name[size] == '/') {
			return i;
		}
	}
	return TOPS;
}

static size_t
path_length(const char *path, size_t left)
{
	size_t length = 0;

	while (length < left && length < MENTION_MAX && is_path_byte((unsigned char)path[length])) {
		length++;
	}
	while (length > 0 && strchr("/.,", path[length - 1])) {
		length--; /* the end of a sentence, or "DIR/" */
	}
	return length;
}

void
mention_each(const void *data, size_t size,
	void (*each)(void *context, const char *path, size_t length), void *context)
{
	const char *at = data, *end = at + size;

	while (at < end && (at = memchr(at, '/', (size_t)(end - at))) != NULL) {
		size_t left = (size_t)(end - at), length = 0;
		bool is_first = at == (const char *)data || !continues((unsigned char)at[-1]);
		size_t top = is_first ? top_of(at + 1, left - 1) : TOPS;
		if (top < TOPS) {
			length = path_length(at, left);
		}
		/* more than the directory itself */
		if (length > strlen(top < TOPS ? tops[top] : "") + 2) {
			each(context, at, length);
		}
		at += length > 0 ? length : 1;
	}
}

bool
mention_is_of_build(const char *path, size_t length)
{
	return length > 0 && top_of(path + 1, length - 1) >= TOPS - BUILD_TOPS &&
	       top_of(path + 1, length - 1) < TOPS;
}
