/* SPDX-License-Identifier: MIT */
#include "launch.h"
#include "syscall.h"

/* Ifs, not a table: a table of strings would need relocations. */
static const char *
error_text(long error, char number[static 12])
{
	if (error == -ENOENT || error == -ENOTDIR) {
		return ": No such file or directory";
	}
	if (error == -EACCES) {
		return ": Permission denied";
	}
	if (error == -EPERM) {
		return ": Operation not permitted (noexec?)";
	}
	__builtin_memcpy(number, ": error 0000", 12);
	for (int i = 11; error < 0; i--, error /= 10) {
		number[i] = (char)('0' - error % 10);
	}
	return number;
}

void
fail(const struct launch *launch, int status, const char *a, const char *b, long error)
{
	char number[13] = "";
	const char *parts[] = {launch->name, ": cannot start: ", a, b,
		error < 0 ? error_text(error, number) : "", "\n"};
	enum { PARTS = sizeof(parts) / sizeof(*parts) };
	struct {
		const char *data;
		size_t length;
	} pieces[PARTS];

	for (int i = 0; i < PARTS; i++) {
		pieces[i].data = parts[i];
		pieces[i].length = text_length(parts[i]);
	}
	syscall4(__NR_writev, 2, (long)pieces, PARTS, 0);
	for (;;) {
		syscall4(__NR_exit_group, status, 0, 0, 0);
	}
}
