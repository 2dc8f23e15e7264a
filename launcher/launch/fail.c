/* SPDX-License-Identifier: MIT */
#include "launch.h"
#include "syscall.h"

/* Ifs, not a table: a table of strings would need relocations. */
static const char *
error_text(long error)
{
	if (error == -NO_ENTRY || error == -NO_DIRECTORY) {
		return ": No such file or directory";
	}
	if (error == -NO_ACCESS) {
		return ": Permission denied";
	}
	if (error == -NO_PERMISSION) {
		return ": Operation not permitted (is the file system mounted noexec?)";
	}
	if (error == -NO_MEMORY) {
		return ": Cannot allocate memory";
	}
	if (error == -TOO_MANY_OPEN) {
		return ": Too many open files";
	}
	return NULL;
}

void
fail(const struct launch *launch, int status, const char *a, const char *b, const char *c,
	long error)
{
	char number[] = ": error 0000";
	const char *parts[] = {launch->name, ": cannot start: ", a, b, c, error_text(error), "\n"};
	struct {
		const char *data;
		size_t length;
	} pieces[7];

	if (error && !parts[5]) {
		error = -error;
		for (int i = sizeof(number) - 2; number[i] == '0'; i--, error /= 10) {
			number[i] = (char)('0' + error % 10);
		}
		parts[5] = number;
	}
	for (int i = 0; i < 7; i++) {
		pieces[i].data = parts[i];
		pieces[i].length = parts[i] ? text_length(parts[i]) : 0;
	}
	syscall6(SYS_writev, 2, (long)pieces, 7, 0, 0, 0);
	for (;;) {
		syscall6(SYS_exit_group, status, 0, 0, 0, 0, 0);
	}
}
