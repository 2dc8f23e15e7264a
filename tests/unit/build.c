/* SPDX-License-Identifier: MIT */
#include "build_room.h"

#include <sys/wait.h>

#include "test.h"

/* Opens a room, or skips the test where this host runs no steps. */
#define ROOM(room)                                                                                 \
	struct room room;                                                                          \
	struct digest id = {{0}};                                                                  \
	struct err err = {0};                                                                      \
	if (sandbox_probe(&err) < 0) {                                                             \
		SKIP("this host refuses the sandbox");                                             \
	}                                                                                          \
	room_open(&room)

#define WORDS(more)	   STEP("words", more INSTALL("words", "hello"))
#define SHOUT		   STEP_OF("shout", ",[\"prefix\",1]", "cat $PREFIX/words >$DESTDIR$PREFIX/shout", )
#define TWO_STEPS(comment) PLAN(WORDS(comment) "," SHOUT, 2)

static bool
builds(struct room *room, const char *plan, struct digest *ret_id)
{
	struct err err;

	room_forget(room);
	if (room_build(room, plan, ret_id, &err) == 0) {
		return true;
	}
	printf("# %s\n", err.text);
	return false;
}

TEST(steps_run_in_order_and_leave_their_output)
{
	ROOM(room);

	CHECK(builds(&room, TWO_STEPS(""), &id));
	cleanup_free char *text = room_read(&room, &id, "shout");
	CHECK_TEXT(text, "hello");
	CHECK_TEXT(buf_text(&room.started), "words shout ");
	CHECK(room.planned == 2);
	room_close(&room);
}

TEST(what_is_there_is_not_run_again)
{
	ROOM(room);
	struct digest again;

	CHECK(builds(&room, TWO_STEPS(""), &id));
	CHECK(builds(&room, TWO_STEPS(""), &again));
	CHECK(digest_equal(&id, &again));
	CHECK_TEXT(buf_text(&room.started), "");
	CHECK_TEXT(buf_text(&room.hits), "shout ");
	CHECK(room.planned == 0);
	room_close(&room);
}

TEST(an_output_that_comes_out_the_same_stops_the_rebuild)
{
	ROOM(room);

	CHECK(builds(&room, TWO_STEPS(""), &id));
	CHECK(builds(&room, TWO_STEPS("# a comment\\n"), &id));
	CHECK_TEXT(buf_text(&room.started), "words ");
	CHECK_TEXT(buf_text(&room.hits), " shout ");
	room_close(&room);
}

TEST(ready_steps_run_at_the_same_time)
{
	/* Neither would end by itself: were they not to run at once, the limit would end the
	 * first. */
	static const char plan[] =
		PLAN(STEP_OF("a", , "sleep 1000", ",\"limits\":{\"time\":30}") "," STEP_OF(
			     "b", , "sleep 1001", ",\"limits\":{\"time\":30}") "," MERGE(1, 2),
			3);
	ROOM(room);

	room.cancel_after = 2;
	CHECK(room_build(&room, plan, &id, &err) < 0);
	CHECK(err.status == STATUS_INTERRUPTED);
	CHECK(room.starts == 2);
	room_close(&room);
}

TEST(one_job_is_one_step_at_a_time)
{
	static const char plan[] =
		PLAN(STEP("a", "sleep 1000") "," STEP("b", "exit 3") "," MERGE(1, 2), 3);
	ROOM(room);

	room.options.jobs = 1;
	room.cancel_after = 1;
	CHECK(room_build(&room, plan, &id, &err) < 0);
	CHECK(err.status == STATUS_INTERRUPTED);
	CHECK_TEXT(buf_text(&room.started), "a ");
	CHECK_TEXT(buf_text(&room.failed), "");
	room_close(&room);
}

TEST(a_cancelled_build_starts_nothing)
{
	ROOM(room);

	CHECK(write(room.cancel[1], "x", 1) == 1);
	CHECK(room_build(&room, TWO_STEPS(""), &id, &err) < 0);
	CHECK(err.status == STATUS_INTERRUPTED);
	CHECK_TEXT(buf_text(&room.started), "");
	room_close(&room);
}

TEST(two_actions_with_one_key_run_once)
{
	static const char plan[] = PLAN(
		STEP("one", INSTALL("x", "1")) "," STEP("two", INSTALL("x", "1")) "," MERGE(1, 2),
		3);
	ROOM(room);

	CHECK(builds(&room, plan, &id));
	CHECK_TEXT(buf_text(&room.started), "one  ");
	CHECK_TEXT(buf_text(&room.waited), "");
	room_close(&room);
}

/* The child's observer stops in the middle of its step, under the step's lock, until the parent's
 * build has said that it waits. */
struct rendezvous {
	int begun[2], waits[2];
};

static void
hold(struct room *room, const struct build_event *event)
{
	struct rendezvous *rendezvous = room->watcher;
	char byte;

	if (event->kind == BUILD_STARTED) {
		assert(write(rendezvous->begun[1], "x", 1) == 1);
		assert(read(rendezvous->waits[0], &byte, 1) == 1);
	}
}

static void
let_go(struct room *room, const struct build_event *event)
{
	struct rendezvous *rendezvous = room->watcher;

	if (event->kind == BUILD_WAITING) {
		assert(write(rendezvous->waits[1], "x", 1) == 1);
	}
}

static pid_t
build_in_child(struct room *room, const char *plan)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct digest id;
		struct err err = {0};
		struct store *store = NULL;
		room->watch = hold;
		if (store_open(store_path(room->store), &store, &err) < 0) {
			_exit(2);
		}
		room->store = store;
		_exit(room_build(room, plan, &id, &err) == 0 && room->starts == 1 ? 0 : 1);
	}
	return pid;
}

TEST(two_processes_build_one_action_once)
{
	static const char plan[] = PLAN(STEP("slow", INSTALL("x", "1")), 1);
	struct rendezvous rendezvous;
	int status = -1;
	char byte;
	ROOM(room);

	assert(pipe(rendezvous.begun) == 0 && pipe(rendezvous.waits) == 0);
	room.watcher = &rendezvous;
	pid_t pid = build_in_child(&room, plan);
	CHECK_OR_RETURN(pid > 0 && read(rendezvous.begun[0], &byte, 1) == 1);
	room.watch = let_go;
	CHECK(builds(&room, plan, &id));
	CHECK_TEXT(buf_text(&room.started), "");
	CHECK_TEXT(buf_text(&room.waited), "slow ");
	CHECK_TEXT(buf_text(&room.hits), " slow ");
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	room_close(&room);
}

/* 1 fails, 2 needs it, 3 does not; 4 wants 2 and 3. */
#define HALF_BAD                                                                                   \
	PLAN(STEP("bad", "exit 3") "," STEP_OF("above", ",[\"prefix\",1]", "true", ) "," STEP(     \
		     "good", INSTALL("x", "1")) "," MERGE(2, 3),                                   \
		4)

TEST(after_a_failure_nothing_new_is_started)
{
	ROOM(room);

	room.options.jobs = 1;
	CHECK(room_build(&room, HALF_BAD, &id, &err) < 0);
	CHECK(err.status == STATUS_STEP && strstr(err.text, "step 'bad' failed"));
	CHECK_TEXT(buf_text(&room.started), "bad ");
	CHECK_TEXT(buf_text(&room.failed), "bad ");
	room_close(&room);
}

TEST(keep_going_does_what_does_not_depend_on_the_failure)
{
	ROOM(room);

	room.options.jobs = 1;
	room.options.keep_going = true;
	CHECK(room_build(&room, HALF_BAD, &id, &err) < 0);
	CHECK(err.status == STATUS_STEP && strstr(err.text, "step 'bad' failed"));
	CHECK_TEXT(buf_text(&room.started), "bad good ");
	room_close(&room);
}

TEST(the_other_failures_are_named_behind_the_first)
{
	static const char plan[] =
		PLAN(STEP("one", "exit 3") "," STEP("two", "exit 4") "," MERGE(1, 2), 3);
	ROOM(room);

	room.options.jobs = 1;
	room.options.keep_going = true;
	CHECK(room_build(&room, plan, &id, &err) < 0);
	CHECK(strncmp(err.text, "step 'one' failed", 17) == 0);
	CHECK(strstr(err.text, "\nfailed as well:\n  step 'two' failed after"));
	room_close(&room);
}

TEST(a_dry_run_runs_nothing_and_tells_what_would)
{
	ROOM(room);

	room.options.is_dry = true;
	CHECK(room_build(&room, TWO_STEPS(""), &id, &err) == 0);
	CHECK_TEXT(buf_text(&room.would_run), "words shout ");
	CHECK_TEXT(buf_text(&room.started), "");
	CHECK(room.planned == 2 && id.bytes[0] == 0);
	room_close(&room);
}

#define FETCHED                                                                                    \
	"{\"kind\":\"fetch\",\"urls\":[\"http://127.0.0.1:9/a.tar\"],\"sha256\":"                  \
	"\"abababababababababababababababababababababababababababababababab\"},"                   \
	"{\"kind\":\"unpack\",\"inputs\":[[\"artifact\",1]]}"

TEST(offline_names_the_sources_that_are_missing)
{
	ROOM(room);

	room.options.is_offline = true;
	CHECK(room_build(&room, PLAN(FETCHED, 2), &id, &err) < 0);
	CHECK(err.status == STATUS_SOURCE && strstr(err.text, "http://127.0.0.1:9/a.tar"));
	CHECK_TEXT(buf_text(&room.started), "");
	room_close(&room);
}

TEST(a_blob_is_not_fetched_where_its_consumers_record_is_there)
{
	static const char text[] = PLAN(FETCHED, 2);
	struct plan plan;
	ROOM(room);

	CHECK_OR_RETURN(plan_parse(text, strlen(text), &plan, &err) == 0);
	room_put_record(&room, &plan, 2, &room.base);
	plan_done(&plan);
	room.options.is_offline = true;
	CHECK(builds(&room, text, &id));
	CHECK(digest_equal(&id, &room.base));
	CHECK(room.planned == 0);
	room_close(&room);
}

#define GLOB "{\"kind\":\"glob\",\"from\":\"recipe\",\"dir\":\".\",\"patterns\":[\"*.txt\"]}"

TEST(a_glob_is_looked_at_each_time)
{
	static const char plan[] = PLAN(
		GLOB "," STEP_OF("copy", ",[\"src\",1]", "cat a.txt >$DESTDIR$PREFIX/copy", ), 2);
	ROOM(room);

	cleanup_free char *path = mem_printf("%s/recipe", room.dir);
	assert(mkdir(path, 0755) == 0);
	cleanup_fd int root = fs_open_dir(AT_FDCWD, path, &err);
	room.options.root_fd = root;
	assert(fs_create_at(root, "a.txt", 0644, "one\n", 4, &err) == 0);
	CHECK(builds(&room, plan, &id));
	CHECK(builds(&room, plan, &id));
	CHECK_TEXT(buf_text(&room.started), "");
	assert(replace_file(root, "a.txt", 0644, "two\n", 4, &err) == 0);
	CHECK(builds(&room, plan, &id));
	cleanup_free char *text = room_read(&room, &id, "copy");
	CHECK_TEXT(text, "two");
	room_close(&room);
}

TEST(a_record_says_what_a_step_took)
{
	struct plan plan;
	struct record record;
	static const char text[] = PLAN(STEP("one", INSTALL("x", "1")), 1);
	ROOM(room);

	CHECK(builds(&room, text, &id));
	CHECK_OR_RETURN(plan_parse(text, strlen(text), &plan, &err) == 0);
	struct digest key = plan_key(&plan.actions[1], &room.base, NULL);
	plan_done(&plan);
	CHECK_OR_RETURN(store_get_record(room.store, &key, &record, &err) == 1);
	CHECK_TEXT(record.name, "one");
	CHECK(strstr(record.components, "\"kind\":\"run\""));
	CHECK(record.peak_memory > 0 && record.finished > 0 && digest_equal(&record.output, &id));
	record_done(&record);
	room_close(&room);
}
