/* SPDX-License-Identifier: MIT */
/* Small hostile programs, run as steps by outside.c. `inside MODE` exits 0 where the sandbox held,
 * 1 where it did not (the line says where), 77 where this machine can't tell. `inside --list` says
 * what each tries, what must be seen, and which mistake of others or which fact about Linux is
 * behind it. */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_held = true;

void
must_fail(long result, const char *format, ...)
{
	va_list args;

	if (result == -1) {
		return;
	}
	has_held = false;
	printf("# worked, and must not: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(" (result %ld)\n", result);
}

void
must_fail_with(int number, long result, const char *what)
{
	int got = errno;

	if (result == -1 && got == number) {
		return;
	}
	has_held = false;
	printf("# %s: expected %s, got %s\n", what, strerrorname_np(number),
		result == -1 ? strerrorname_np(got) : "success");
}

void
must_be(bool is_so, const char *what)
{
	if (!is_so) {
		has_held = false;
		printf("# not so: %s\n", what);
	}
}

void
cannot_tell(const char *why)
{
	printf("# SKIP %s\n", why);
	exit(77);
}

static int
list(void)
{
	const struct attack *const tables[] = {
		attacks_on_files, attacks_on_kernel, attacks_on_others};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		for (const struct attack *attack = tables[i]; attack->mode; attack++) {
			printf("%s\t%s; must be seen: %s [%s]\n", attack->mode, attack->tries,
				attack->must_be_seen, attack->because);
		}
	}
	return 0;
}

static int
run(const char *mode, const char *argument)
{
	const struct attack *const tables[] = {
		attacks_on_files, attacks_on_kernel, attacks_on_others};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		for (const struct attack *attack = tables[i]; attack->mode; attack++) {
			if (strcmp(attack->mode, mode) == 0) {
				attack->run(argument);
				return has_held ? 0 : 1;
			}
		}
	}
	printf("# no attack '%s'\n", mode);
	return 2;
}

int
main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		return list();
	}
	return argc < 2 ? 2 : run(argv[1], argc > 2 ? argv[2] : "");
}
