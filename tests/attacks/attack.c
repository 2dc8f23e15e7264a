/* SPDX-License-Identifier: MIT */
#include "attack.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct attack *attacks;
static bool has_held = true, is_ours = true;

void
attack_add(struct attack *attack)
{
	attack->next = attacks;
	attacks = attack;
}

static bool
is_called(const struct attack *attack, const char *name)
{
	const char *slash = strrchr(attack->file, '/');
	const char *file = slash ? slash + 1 : attack->file;
	size_t length = strlen(name);

	return strncmp(file, name, length) == 0 && strcmp(file + length, ".c") == 0;
}

const struct attack *
attack_find(const char *name)
{
	const struct attack *attack = attacks;

	while (attack && !is_called(attack, name)) {
		attack = attack->next;
	}
	return attack;
}

void
must_fail(long result, const char *format, ...)
{
	va_list args;

	if (result == -1) {
		return;
	}
	has_held = false;
	printf("#! worked, and must not: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(" (result %ld)\n", result);
}

static bool
is_refusal(int number)
{
	static const int refusals[] = {EPERM, EACCES, ENOSYS, ESRCH, EROFS, ENOENT, EAFNOSUPPORT,
		EPROTONOSUPPORT, ESOCKTNOSUPPORT, ENODEV, ECONNREFUSED, ENETUNREACH, EXDEV, EIO,
		ENOTTY};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		if (refusals[i] == number) {
			return true;
		}
	}
	return false;
}

void
must_fail_with(int number, long result, const char *what)
{
	int got = errno;

	if (result == -1 && got == number) {
		return;
	}
	if (!is_ours && result == -1) {
		if (!is_refusal(got)) {
			printf("#~ %s: %s\n", what, strerrorname_np(got));
		}
		return;
	}
	has_held = false;
	printf("#! %s: expected %s, got %s\n", what, strerrorname_np(number),
		result == -1 ? strerrorname_np(got) : "success");
}

void
must_be(bool is_so, const char *what)
{
	if (!is_so) {
		has_held = false;
		printf("#! not so: %s\n", what);
	}
}

bool
attack_is_ours(void)
{
	return is_ours;
}

void
attack_set_ours(bool new_is_ours)
{
	is_ours = new_is_ours;
}

bool
attack_has_held(void)
{
	return has_held;
}

_Noreturn void
cannot_tell(const char *why)
{
	printf("# SKIP %s\n", why);
	exit(77);
}
