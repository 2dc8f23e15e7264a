/* SPDX-License-Identifier: MIT */
#include "progress/packed.h"

#include "base/buf.h"
#include "base/mem.h"
#include "launcher/pack.h"
#include "text/amount.h"
#include "text/jsontext.h"
#include "text/printable.h"

#include <inttypes.h>
#include <string.h>

enum { WARNINGS_MAX = 8 };

void
packed_add_words(struct buf *text, const struct pack_report *report)
{
	size_t programs = report->programs + report->scripts + report->static_programs;

	buf_printf(text, "%zu program%s, %zu librar%s, ", programs, programs == 1 ? "" : "s",
		report->libraries, report->libraries == 1 ? "y" : "ies");
	amount_add_bytes(text, report->bytes);
	if (report->glibc_bytes > 0) {
		buf_puts(text, " (glibc ");
		amount_add_bytes(text, report->glibc_bytes);
		buf_putc(text, ')');
	}
}

void
packed_add_warnings(struct buf *text, const struct pack_report *report, const char *where)
{
	cleanup_free char *lines = printable_text(report->warnings ? report->warnings : "");
	size_t count = 0;

	for (char *line = lines, *end; (end = strchr(line, '\n')); line = end + 1, count++) {
		if (count < WARNINGS_MAX) {
			buf_printf(text, "warning: %.*s\n", (int)(end - line), line);
		}
	}
	if (count > WARNINGS_MAX) {
		buf_printf(text, "and %zu warnings more: %s\n", count - WARNINGS_MAX, where);
	}
}

void
packed_add_json(struct buf *line, const struct pack_report *report)
{
	const char *warning = report->warnings ? report->warnings : "";

	buf_printf(line,
		",\"programs\":%zu,\"scripts\":%zu,\"static_programs\":%zu,\"libraries\":%zu",
		report->programs, report->scripts, report->static_programs, report->libraries);
	buf_printf(line,
		",\"bytes\":%" PRIu64 ",\"library_bytes\":%" PRIu64 ",\"glibc_bytes\":%" PRIu64,
		report->bytes, report->library_bytes, report->glibc_bytes);
	buf_puts(line, ",\"warnings\":[");
	for (const char *end; (end = strchr(warning, '\n')); warning = end + 1) {
		buf_puts(line, line->data[line->length - 1] == '[' ? "" : ",");
		jsontext_add(line, warning, (size_t)(end - warning));
	}
	buf_putc(line, ']');
}
