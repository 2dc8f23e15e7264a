/* SPDX-License-Identifier: MIT */
/* A throwaway store with a base in it, for tests that run steps. Plans are written as JSON with
 * BASE as action 0: its record is put into the store beforehand, so it is always there. */
#ifndef BRUN_BUILD_ROOM_H
#define BRUN_BUILD_ROOM_H

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/replace.h"
#include "build/build.h"
#include "plan/plan.h"
#include "sandbox/sandbox.h"
#include "store/record.h"
#include "store/store.h"
#include "store/store_lock.h"
#include "store/store_tmp.h"
#include "tree/tree.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE "{\"kind\":\"file\",\"path\":\"base\",\"text\":\"stands for the base\"}"
#define PLAN(actions, wanted)                                                                      \
	"{\"version\":1,\"actions\":[" BASE "," actions "],\"outputs\":{\"default\":" #wanted "}}"
#define STEP_OF(name, inputs, script, more)                                                        \
	"{\"kind\":\"run\",\"name\":\"" name "\",\"where\":\"" name ".lua:7\",\"inputs\":["        \
	"[\"base\",0]" inputs "],\"script\":[\"" script "\"]" more "}"
#define STEP(name, script)  STEP_OF(name, , script, )
#define MERGE(a, b)	    "{\"kind\":\"merge\",\"inputs\":[[\"tree\"," #a "],[\"tree\"," #b "]]}"
#define INSTALL(file, text) "echo " text " >$DESTDIR$PREFIX/" file

struct room {
	char dir[32];
	struct store *store;
	struct digest base;
	struct build_options options; /* what room_build goes by; the observer is the room's */
	struct buf started, hits, would_run, waited, failed; /* names, a space behind each */
	struct buf output;
	size_t planned;
	int cancel[2];
	size_t cancel_after; /* starts, and then the build is cancelled; 0: never */
	size_t starts;
	const struct plan *plan;
	void (*watch)(struct room *, const struct build_event *);
	void *watcher;
};

/* Copies what a step needs of this machine: a shell, a few tools, their libraries. */
static inline void
room_make_base(const char *dir)
{
	cleanup_free char *command = mem_printf(
		"set -e; exec >/dev/null 2>&1; mkdir -p %1$s/usr/bin %1$s/usr/lib %1$s/etc; "
		"ln -s usr/bin %1$s/bin; ln -s usr/lib %1$s/lib; ln -s usr/lib %1$s/lib64; "
		"echo base >%1$s/etc/name; echo old >%1$s/etc/resolv.conf; "
		"for name in sh cat mkdir rm ls env sleep sort touch chmod ln mkfifo seq kill id; do "
		"program=$(PATH=/usr/bin:/bin command -v $name || true); "
		"case $program in /*) cp -L $program %1$s/usr/bin/$name;; esac; done; "
		"for program in %1$s/usr/bin/*; do "
		"for library in $(ldd $program | grep -oE '/[^ ]+'); do "
		"cp -nL $library %1$s/usr/lib/; done; done",
		dir);

	assert(system(command) == 0);
}

static inline void
room_import_base(struct room *room)
{
	static const struct tree_import all = {0};
	struct store_tmp tmp;
	struct tree tree = {0};
	struct err err = {0};
	cleanup_free char *base = mem_printf("%s/base", room->dir);

	room_make_base(base);
	assert(store_tmp_new(room->store, &tmp, &err) == 0);
	assert(mkdirat(tmp.fd, "tree", 0755) == 0);
	cleanup_fd int from = fs_open_dir(AT_FDCWD, base, &err);
	cleanup_fd int to = fs_open_dir(tmp.fd, "tree", &err);
	assert(tree_import(from, to, &all, &tree, &err) == 0);
	assert(store_put_tree(room->store, &tmp, "tree", &tree, &err) == 0);
	room->base = tree.id;
	tree_done(&tree);
	store_tmp_free(room->store, &tmp);
}

/* Says that an action without inputs has made this output. */
static inline void
room_put_record(struct room *room, const struct plan *plan, size_t index, const struct digest *id)
{
	struct err err = {0};
	struct record record = {.output = *id, .name = (char *)"", .components = (char *)""};
	cleanup_free struct digest *inputs = mem_zalloc(8, sizeof(*inputs));

	for (size_t i = 0; i < plan->actions[index].input_count; i++) {
		const struct action *input = &plan->actions[plan->actions[index].inputs[i].index];
		assert(input->kind == ACTION_FETCH);
		inputs[i] = input->fetch.sha256;
	}
	record.key = plan_key(&plan->actions[index], inputs, NULL);
	assert(store_put_record(room->store, &record, &err) == 0);
}

static inline void
room_open(struct room *room)
{
	struct err err = {0};

	*room = (struct room){.dir = "/tmp/brun-test-XXXXXX"};
	assert(mkdtemp(room->dir));
	cleanup_free char *path = mem_printf("%s/store", room->dir);
	assert(store_open(path, &room->store, &err) == 0);
	room_import_base(room);
	assert(pipe2(room->cancel, O_CLOEXEC) == 0);
	room->options = (struct build_options){
		.jobs = 2,
		.helper_dir = "/nonexistent",
		.root_fd = -1,
		.library_fd = -1,
		.cancel_fd = room->cancel[0],
	};
}

/* Forgets what happened so far. */
static inline void
room_forget(struct room *room)
{
	buf_done(&room->started);
	buf_done(&room->hits);
	buf_done(&room->would_run);
	buf_done(&room->waited);
	buf_done(&room->failed);
	buf_done(&room->output);
	room->planned = room->starts = 0;
}

static inline void
room_close(struct room *room)
{
	room_forget(room);
	store_close(room->store);
	close(room->cancel[0]);
	close(room->cancel[1]);
	fs_remove_at(AT_FDCWD, room->dir, NULL);
}

static inline void
room_start(struct room *room)
{
	if (++room->starts == room->cancel_after) {
		assert(write(room->cancel[1], "x", 1) == 1);
	}
}

static inline void
room_observe(void *context, const struct build_event *event)
{
	struct room *room = context;
	const char *name = room->plan->actions[event->action].name;
	struct buf *names[] = {
		[BUILD_STARTED] = &room->started,
		[BUILD_HIT] = &room->hits,
		[BUILD_WAITING] = &room->waited,
		[BUILD_WOULD_RUN] = &room->would_run,
		[BUILD_FAILED] = &room->failed,
	};

	if (event->kind == BUILD_PLANNED) {
		room->planned = event->count;
	} else if (event->kind == BUILD_OUTPUT) {
		buf_add(&room->output, event->text, event->length);
	} else if (event->kind < sizeof(names) / sizeof(*names) && names[event->kind]) {
		buf_printf(names[event->kind], "%s ", name);
	}
	if (event->kind == BUILD_STARTED) {
		room_start(room);
	}
	if (room->watch) {
		room->watch(room, event);
	}
}

/* Builds the default output of a plan; 0 or -1 and err. */
static inline int
room_build(struct room *room, const char *text, struct digest *ret_id, struct err *err)
{
	struct plan plan;

	*err = (struct err){0};
	if (plan_parse(text, strlen(text), &plan, err) < 0) {
		return -1;
	}
	room_put_record(room, &plan, 0, &room->base);
	room->plan = &plan;
	room->options.observer = room_observe;
	room->options.context = room;
	int result =
		build_plan(room->store, &plan, plan.outputs[0].index, &room->options, ret_id, err);
	plan_done(&plan);
	return result;
}

/* A file of a tree in the store, without its last newline; the caller frees. "" where it is not. */
static inline char *
room_read(struct room *room, const struct digest *id, const char *path)
{
	struct buf text = {0};
	cleanup_free char *top = store_tree_path(room->store, id);
	cleanup_free char *whole = mem_printf("%s/%s", top, path);

	fs_read_at(AT_FDCWD, whole, 1 << 20, &text, NULL);
	if (text.length && text.data[text.length - 1] == '\n') {
		text.data[--text.length] = '\0';
	}
	return buf_take(&text);
}

#endif
