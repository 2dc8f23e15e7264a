/* SPDX-License-Identifier: MIT */
#include "err.h"

#include <stdio.h>
#include <string.h>

/* Appends to err->text at offset `at`, cutting at its end; returns the new length. */
static size_t
append(struct err *err, size_t at, const char *format, va_list args)
{
	size_t room = sizeof(err->text) - at;
	int length = vsnprintf(err->text + at, room, format, args);

	if (length < 0) {
		err->text[at] = '\0';
		return at;
	}
	return (size_t)length < room ? at + (size_t)length : sizeof(err->text) - 1;
}

int
err_set(struct err *err, int number, const char *format, ...)
{
	va_list args;

	if (!err) {
		return -1;
	}
	err->status = STATUS_STORE;
	err->number = number;
	va_start(args, format);
	size_t at = append(err, 0, format, args);
	va_end(args);
	if (number) {
		/* strerrordesc_np is thread-safe and locale-independent, unlike strerror. */
		const char *why = strerrordesc_np(number);
		snprintf(err->text + at, sizeof(err->text) - at, ": %s",
			why ? why : "unknown error");
	}
	return -1;
}

int
err_fail(struct err *err, enum status status, const char *format, ...)
{
	va_list args;

	if (!err) {
		return -1;
	}
	err->status = status;
	err->number = 0;
	va_start(args, format);
	append(err, 0, format, args);
	va_end(args);
	return -1;
}

int
err_wrap(struct err *err, const char *format, ...)
{
	char old[sizeof(err->text)];
	va_list args;

	if (!err) {
		return -1;
	}
	memcpy(old, err->text, sizeof(old));
	va_start(args, format);
	size_t at = append(err, 0, format, args);
	va_end(args);
	/* A cut at the end of a long text is what the header promises. */
	size_t room = sizeof(err->text) - at;
	size_t written = (size_t)snprintf(err->text + at, room, ": ");
	if (written < room) {
		size_t keep = strnlen(old, room - written - 1);
		memcpy(err->text + at + written, old, keep);
		err->text[at + written + keep] = '\0';
	}
	return -1;
}

int
err_hint(struct err *err, const char *format, ...)
{
	va_list args;

	if (!err) {
		return -1;
	}
	size_t at = strlen(err->text);
	if (at > 0 && at < sizeof(err->text) - 1) {
		err->text[at++] = '\n';
	}
	va_start(args, format);
	append(err, at, format, args);
	va_end(args);
	return -1;
}
