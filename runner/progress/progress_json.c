/* SPDX-License-Identifier: MIT */
/* One JSON object a line, in the order in which things happen. Every object but a notice has
 *
 *	"event"   what happened, below
 *	"action"  index in the plan (`brun plan --json` shows it)
 *	"kind"    the action's: "fetch", "unpack", "run", …
 *	"name"    its name for people
 *	"key"     its key, 64 hex digits; not there for fetches and globs, nor while it is not known
 *
 * and, by event:
 *
 *	"planned"    the first: "count" actions are missing. action is the wanted one. Again, with
 *	             more of them, where a cache did not give what it was believed to have
 *	"hit"        its output is in the store already
 *	"would-run"  with --dry-run: it is missing
 *	"waiting"    another process does it: "pid", 0 where that is not known
 *	"started"
 *	"progress"   of a fetch: "done" and "total" bytes, total 0 where it is not known
 *	"output"     of a step: "text", a piece of its log, not necessarily whole lines
 *	"packed"     what the packer made, before its "done": "programs", "scripts",
 *	             "static_programs", "libraries"; "bytes" in all, "library_bytes" and
 *	             "glibc_bytes" of them; "warnings"
 *	"done"       after "wall_ms" milliseconds
 *	"failed"     after "wall_ms": "status" (brun's exit status for it) and "message"
 *	"pulling"    a cache is asked for the output, before it is made
 *	"pulled"     and has given it: "bytes" of archive, after "wall_ms"
 *	"not-pulled" or not
 *	"notice"     "text", about no action
 *
 * With --rebuild all of it comes once more for what is done again. "done" and "failed" of a step
 * that ran have "user_ms", "system_ms", "peak_memory" and "written_bytes".
 *
 * Bytes that are not UTF-8 become U+FFFD. Fields may be added; readers ignore what they don't
 * know. */
#include "progress/progress_json.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "build/build.h"
#include "build/figures.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "progress/packed.h"
#include "text/jsontext.h"

#include <inttypes.h>
#include <string.h>

static void
add_text(struct buf *line, const char *name, const char *text, size_t length)
{
	buf_printf(line, ",\"%s\":", name);
	jsontext_add(line, text, length);
}

static void
add_number(struct buf *line, const char *name, uint64_t number)
{
	buf_printf(line, ",\"%s\":%" PRIu64, name, number);
}

static void
add_action(struct buf *line, const struct action *action, const struct build_event *event)
{
	const char *name = wording_name(action);
	char hex[DIGEST_HEX];

	add_number(line, "action", event->action);
	buf_printf(line, ",\"kind\":\"%s\"", action_kind_name(action->kind));
	add_text(line, "name", name, strlen(name));
	if (event->key) {
		buf_printf(line, ",\"key\":\"%s\"", digest_hex(event->key, hex));
	}
}

static void
add_end(struct buf *line, const struct build_event *event)
{
	const struct step_figures *figures = event->figures;

	add_number(line, "wall_ms", event->wall_ms);
	if (figures) {
		add_number(line, "user_ms", figures->user_ms);
		add_number(line, "system_ms", figures->system_ms);
		add_number(line, "peak_memory", figures->peak_memory);
		add_number(line, "written_bytes", figures->written_bytes);
	}
}

static void
add_details(struct buf *line, const struct build_event *event)
{
	switch (event->kind) {
	case BUILD_PLANNED:
		add_number(line, "count", event->count);
		return;
	case BUILD_WAITING:
		add_number(line, "pid", event->count);
		return;
	case BUILD_PROGRESS:
		add_number(line, "done", event->count);
		add_number(line, "total", event->total);
		return;
	case BUILD_OUTPUT:
		add_text(line, "text", event->text, event->length);
		return;
	case BUILD_DONE:
		add_end(line, event);
		return;
	case BUILD_FAILED:
		add_end(line, event);
		add_number(line, "status", event->err->status);
		add_text(line, "message", event->err->text, strlen(event->err->text));
		return;
	case BUILD_PULLED:
		add_number(line, "bytes", event->count);
		add_number(line, "wall_ms", event->wall_ms);
		return;
	case BUILD_PACKED:
		packed_add_json(line, event->report);
		return;
	case BUILD_STARTED:
	case BUILD_HIT:
	case BUILD_WOULD_RUN:
	case BUILD_PULLING:
	case BUILD_NOT_PULLED:
	case BUILD_NOTICE:
		return;
	}
}

void
progress_json_notice(struct buf *line, const char *text)
{
	buf_puts(line, "{\"event\":\"notice\"");
	add_text(line, "text", text, strlen(text));
	buf_puts(line, "}\n");
}

void
progress_json_add(struct buf *line, const struct plan *plan, const struct build_event *event)
{
	static const char *const names[] = {
		[BUILD_PLANNED] = "planned",
		[BUILD_WAITING] = "waiting",
		[BUILD_STARTED] = "started",
		[BUILD_PROGRESS] = "progress",
		[BUILD_OUTPUT] = "output",
		[BUILD_DONE] = "done",
		[BUILD_FAILED] = "failed",
		[BUILD_HIT] = "hit",
		[BUILD_WOULD_RUN] = "would-run",
		[BUILD_PULLING] = "pulling",
		[BUILD_PULLED] = "pulled",
		[BUILD_NOT_PULLED] = "not-pulled",
		[BUILD_PACKED] = "packed",
		[BUILD_NOTICE] = "notice",
	};

	if (event->kind == BUILD_NOTICE) {
		progress_json_notice(line, event->text);
		return;
	}
	buf_printf(line, "{\"event\":\"%s\"", names[event->kind]);
	add_action(line, &plan->actions[event->action], event);
	add_details(line, event);
	buf_puts(line, "}\n");
}
