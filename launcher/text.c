/* SPDX-License-Identifier: MIT */
#include "text.h"

#include "base/buf.h"
#include "base/mem.h"

#include <ctype.h>
#include <string.h>

static bool
is_name_byte(char byte)
{
	return byte != '\0' && (isalnum((unsigned char)byte) || strchr("_-.+", byte));
}

/* "-L/brun", "-I/brun": compilers take the path right behind the letter. */
static bool
is_option(const char *data, const char *at)
{
	return at - data >= 2 && at[-2] == '-' && strchr("LIRFB", at[-1]) != NULL;
}

bool
text_names_prefix(const char *data, size_t length, const char *prefix, size_t from, size_t *ret_at,
	size_t *ret_length)
{
	size_t size = strlen(prefix);
	const char *at = data + from, *end = data + length;

	for (; (at = memmem(at, (size_t)(end - at), prefix, size)) != NULL; at += size) {
		/* "/brunette" and "x/brun" are other names */
		if ((at + size < end && is_name_byte(at[size])) ||
			(at > data && is_name_byte(at[-1]) && !is_option(data, at))) {
			continue;
		}
		const char *stop = at + size;
		while (stop < end && *stop != '\0' && (is_name_byte(*stop) || *stop == '/')) {
			stop++;
		}
		*ret_at = (size_t)(at - data);
		*ret_length = (size_t)(stop - at);
		return true;
	}
	return false;
}

static bool
ends_with(const char *path, const char *end)
{
	size_t a = strlen(path), b = strlen(end);

	return a > b && strcmp(path + a - b, end) == 0;
}

/* "/.." for each directory above the file. */
static char *
climb(const char *start, const char *path)
{
	struct buf text = {0};

	buf_puts(&text, start);
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		buf_puts(&text, "/..");
	}
	return buf_take(&text);
}

static bool
replace_all(const char *text, size_t length, const char *prefix, const char *by, struct buf *to)
{
	size_t from = 0, at, size;

	while (text_names_prefix(text, length, prefix, from, &at, &size)) {
		buf_add(to, text + from, at - from);
		buf_puts(to, by);
		from = at + strlen(prefix);
	}
	if (from == 0) {
		return false;
	}
	buf_add(to, text + from, length - from);
	return true;
}

/* The length of a line's `  name=` when only the prefix follows, quoted or not; else 0. */
static size_t
assignment(const char *line, size_t length, const char *prefix)
{
	size_t at = strspn(line, " \t"), size = strlen(prefix);
	size_t name = at;

	while (at < length && (isalnum((unsigned char)line[at]) || line[at] == '_')) {
		at++;
	}
	if (at == name || at == length || line[at++] != '=') {
		return 0;
	}
	size_t quote = at < length && strchr("\"'", line[at]) && line[at];
	if (length - at != size + 2 * quote || memcmp(line + at + quote, prefix, size) != 0 ||
		(quote && line[at] != line[length - 1])) {
		return 0;
	}
	return at;
}

static bool
relocate_shell(
	const char *path, const char *text, size_t length, const char *prefix, struct buf *to)
{
	cleanup_free char *up = climb("$(cd \"$(dirname \"$0\")", path);
	bool is_changed = false;

	for (size_t from = 0; from < length;) {
		const char *end = memchr(text + from, '\n', length - from);
		size_t size = end ? (size_t)(end - text) - from : length - from;
		size_t head = assignment(text + from, size, prefix);
		if (head > 0) {
			buf_add(to, text + from, head);
			buf_printf(to, "%s\" && pwd)", up);
		} else {
			buf_add(to, text + from, size);
		}
		if (end) {
			buf_putc(to, '\n');
		}
		is_changed |= head > 0;
		from += size + 1;
	}
	return is_changed;
}

static bool
is_shell_script(const char *text, size_t length)
{
	const char *end = memchr(text, '\n', length);
	size_t size = end ? (size_t)(end - text) : length;

	return size > 2 && memcmp(text, "#!", 2) == 0 && memmem(text, size, "sh", 2) != NULL;
}

bool
text_relocate(
	const char *path, const char *text, size_t length, const char *prefix, struct buf *ret_text)
{
	bool is_changed = false;

	if (ends_with(path, ".pc")) {
		cleanup_free char *by = climb("${pcfiledir}", path);
		is_changed = replace_all(text, length, prefix, by, ret_text);
	} else if (ends_with(path, ".cmake")) {
		cleanup_free char *by = climb("${CMAKE_CURRENT_LIST_DIR}", path);
		is_changed = replace_all(text, length, prefix, by, ret_text);
	} else if (is_shell_script(text, length)) {
		is_changed = relocate_shell(path, text, length, prefix, ret_text);
	}
	if (!is_changed) {
		ret_text->length = 0;
	}
	return is_changed;
}
