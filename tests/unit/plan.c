/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "launcher/image.h"
#include "launcher/pack.h"
#include "plan/component_diff.h"
#include "plan/runtime.h"
#include "sandbox/sandbox.h"

#include "test.h"

#define HEX    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEX2   "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define FETCH  "{\"kind\":\"fetch\",\"urls\":[\"https://a.test/x.tar\"],\"sha256\":\"" HEX "\"}"
#define UNPACK "{\"kind\":\"unpack\",\"inputs\":[[\"artifact\",0]]}"
#define PLAN(actions, last)                                                                        \
	"{\"version\":1,\"actions\":[" actions "],\"outputs\":{\"default\":" #last "}}"

static int
parse(const char *text, struct plan *plan, struct err *err)
{
	return plan_parse(text, strlen(text), plan, err);
}

/* Is the plan refused as the recipe's fault, with this text in the message? */
static bool
refuses(const char *text, const char *why)
{
	struct plan plan;
	struct err err = {0};

	if (parse(text, &plan, &err) == 0) {
		plan_done(&plan);
		return false;
	}
	if (!strstr(err.text, why)) {
		printf("# got: %s\n", err.text);
	}
	return err.status == STATUS_RECIPE && strstr(err.text, why);
}

/* The key of the last action of a plan, whose inputs have ids 1, 2, … */
static struct digest
last_key(const char *text, struct buf *components)
{
	struct plan plan = {0};
	struct err err = {0};
	struct digest ids[8] = {0};

	if (!CHECK(parse(text, &plan, &err) == 0)) {
		printf("# %s\n", err.text);
		return ids[0];
	}
	for (size_t i = 0; i < 8; i++) {
		ids[i].bytes[0] = (uint8_t)(i + 1);
	}
	struct digest key = plan_key(&plan.actions[plan.action_count - 1], ids, components);
	plan_done(&plan);
	return key;
}

static bool
same_key(const char *a, const char *b)
{
	struct digest left = last_key(a, NULL), right = last_key(b, NULL);

	return digest_equal(&left, &right);
}

TEST(a_plan_is_read_into_actions_and_outputs)
{
	struct plan plan;
	struct err err = {0};

	CHECK_OR_RETURN(
		parse("{\"version\":1,\"actions\":[" FETCH "," UNPACK
		      ",{\"kind\":\"run\",\"name\":\"a-1\",\"where\":\"a.lua:3\",\"script\":[\"x\"],"
		      "\"env\":{\"B\":\"2\",\"A\":\"1\"},\"limits\":{\"time\":7},"
		      "\"inputs\":[[\"base\",1],[\"src\",1]]}],"
		      "\"outputs\":{\"raw\":1,\"dev\":1,\"default\":2}}",
			&plan, &err) == 0);
	CHECK(plan.action_count == 3 && plan.output_count == 3);
	CHECK_TEXT(plan.outputs[0].name, "default");
	CHECK_TEXT(plan.outputs[1].name, "dev");
	CHECK(plan_output_get(&plan, "raw")->index == 1 && !plan_output_get(&plan, "doc"));
	CHECK_TEXT(plan.actions[0].fetch.urls[0], "https://a.test/x.tar");
	struct action *run = &plan.actions[2];
	CHECK_TEXT(run->where, "a.lua:3");
	CHECK_TEXT(run->run.env[0].name, "A");
	CHECK(run->run.env_count == 2 && run->run.limits.wall_seconds == 7);
	CHECK(run->input_count == 2 && run->inputs[1].index == 1);
	CHECK_TEXT(run->inputs[1].role, "src");
	plan_done(&plan);
}

TEST(a_pack_and_its_test_are_read)
{
	struct plan plan;
	struct err err = {0};

	CHECK_OR_RETURN(
		parse(PLAN(FETCH "," UNPACK ",{\"kind\":\"pack\",\"env\":[{\"verb\":\"prepend\","
				 "\"name\":\"PATH\",\"value\":\"${ROOT}/bin\"}],"
				 "\"main\":\"a\",\"inputs\":[[\"tree\",1]]},"
				 "{\"kind\":\"test\",\"inputs\":[[\"tree\",2]],\"steps\":"
				 "[{\"argv\":[\"a\",\"-v\"],\"match\":\"1\",\"exit\":3}]}",
			      3),
			&plan, &err) == 0);
	const struct runtime_env *env = plan.actions[2].pack.env;
	CHECK(env->verb == ENV_PREPEND);
	CHECK_TEXT(env->separator, ":");
	CHECK_TEXT(plan.actions[2].pack.main, "a");
	const struct test_step *step = plan.actions[3].test.steps;
	CHECK(plan.actions[3].test.step_count == 1 && step->exit_status == 3);
	CHECK_TEXT(step->argv[1], "-v");
	CHECK(!step->argv[2]);
	plan_done(&plan);
}

#define RUN(fields)                                                                                \
	PLAN(FETCH "," UNPACK                                                                      \
		   ",{\"kind\":\"run\",\"script\":[\"x\"],\"inputs\":[[\"base\",1]]" fields "}",   \
		2)

TEST(what_a_step_cannot_see_is_not_in_its_key)
{
	CHECK(same_key(RUN(""), RUN(",\"name\":\"n\",\"where\":\"w:1\",\"limits\":{\"time\":9}")));
	CHECK(same_key(RUN(""), RUN(",\"network\":false,\"env\":{}")));
	CHECK(same_key(PLAN(FETCH "," UNPACK, 1),
		PLAN(FETCH ",{\"kind\":\"unpack\",\"strip\":0,\"inputs\":[[\"artifact\",0]]}", 1)));
}

TEST(what_a_step_can_see_is_in_its_key)
{
	CHECK(!same_key(RUN(""), RUN(",\"env\":{\"A\":\"\"}")));
	CHECK(!same_key(RUN(""), RUN(",\"network\":true,\"output\":\"" HEX "\"")));
	CHECK(!same_key(RUN(",\"output\":\"" HEX "\""), RUN(",\"output\":\"" HEX2 "\"")));
	CHECK(!same_key(PLAN(FETCH "," UNPACK, 1),
		PLAN(FETCH ",{\"kind\":\"unpack\",\"strip\":1,\"inputs\":[[\"artifact\",0]]}", 1)));
}

TEST(the_components_are_canonical_json_with_input_ids)
{
	cleanup_buf struct buf components = {0};

	last_key(RUN(",\"env\":{\"B\":\"2\",\"A\":\"1\"},\"name\":\"n\""), &components);
	CHECK_TEXT(buf_text(&components),
		"{\"env\":{\"A\":\"1\",\"B\":\"2\"},\"inputs\":[[\"base\",\"01000000000000000000000000"
		"00000000000000000000000000000000000000\"]],\"kind\":\"run\",\"sandbox\":\"" SANDBOX_VERSION
		"\","
		"\"script\":[\"x\"]}");
}

TEST(the_versions_of_packer_and_launcher_are_in_a_packs_key)
{
	cleanup_buf struct buf components = {0};
	cleanup_free char *wanted =
		mem_printf("\"kind\":\"pack\",\"launcher\":\"%s\",\"packer\":\"" PACK_VERSION "\"}",
			image_launcher_version());

	last_key(PLAN(FETCH "," UNPACK ",{\"kind\":\"pack\",\"inputs\":[[\"tree\",1]]}", 2),
		&components);
	CHECK(strstr(buf_text(&components), wanted));
}

TEST(a_printed_plan_has_an_action_a_line_and_reads_back)
{
	struct plan plan;
	struct err err = {0};
	cleanup_buf struct buf once = {0}, twice = {0};

	CHECK_OR_RETURN(parse(PLAN(FETCH "," UNPACK, 1), &plan, &err) == 0);
	plan_print(&plan, &once);
	plan_done(&plan);
	CHECK_TEXT(buf_text(&once),
		"{\"actions\":[\n"
		"{\"kind\":\"fetch\",\"sha256\":\"" HEX "\",\"urls\":[\"https://a.test/x.tar\"]},\n"
		"{\"inputs\":[[\"artifact\",0]],\"kind\":\"unpack\"}\n"
		"],\"outputs\":{\"default\":1},\"version\":1}\n");
	CHECK_OR_RETURN(parse(buf_text(&once), &plan, &err) == 0);
	plan_print(&plan, &twice);
	CHECK_TEXT(buf_text(&twice), buf_text(&once));
	plan_done(&plan);
}

TEST(inputs_must_be_earlier_and_of_the_right_sort)
{
	CHECK(refuses(
		PLAN("{\"kind\":\"unpack\",\"inputs\":[[\"artifact\",0]]}", 0), "not an earlier"));
	CHECK(refuses(
		PLAN("{\"kind\":\"unpack\",\"inputs\":[[\"artifact\",-1]]}", 0), "not an earlier"));
	CHECK(refuses(PLAN(FETCH ",{\"kind\":\"merge\",\"inputs\":[[\"tree\",0]]}", 1),
		"must be a tree"));
	CHECK(refuses(
		PLAN(FETCH "," UNPACK ",{\"kind\":\"unpack\",\"inputs\":[[\"artifact\",1]]}", 2),
		"must be a fetched file"));
	CHECK(refuses(PLAN(FETCH ",{\"kind\":\"unpack\"}", 1), "expected one 'artifact'"));
	CHECK(refuses(PLAN(FETCH "," UNPACK ",{\"kind\":\"merge\",\"inputs\":[[\"base\",1]]}", 2),
		"merge takes no input as 'base'"));
	CHECK(refuses(PLAN(FETCH "," UNPACK ",{\"kind\":\"merge\",\"inputs\":[[\"tree\"]]}", 2),
		"expected pairs"));
}

TEST(fields_are_checked)
{
	CHECK(refuses(PLAN("{\"kind\":\"merg\"}", 0), "'merg' is no kind of action"));
	CHECK(refuses(
		PLAN("{\"kind\":\"file\",\"path\":\"../x\",\"text\":\"\"}", 0), "clean relative"));
	CHECK(refuses(PLAN("{\"kind\":\"file\",\"path\":\"x\"}", 0), "either 'text' or 'link'"));
	CHECK(refuses(PLAN("{\"kind\":\"file\",\"path\":\"x\",\"text\":\"\",\"mode\":1}", 0),
		"'mode': unknown here"));
	CHECK(refuses(
		PLAN("{\"kind\":\"file\",\"path\":\"x\",\"text\":\"a\\u0000b\"}", 0), "\\u0000"));
	CHECK(refuses(
		PLAN("{\"kind\":\"glob\",\"from\":\"home\",\"dir\":\".\",\"patterns\":[\"*\"]}", 0),
		"expected 'recipe' or 'library'"));
	CHECK(refuses(
		PLAN("{\"kind\":\"glob\",\"from\":\"recipe\",\"dir\":\".\",\"patterns\":[]}", 0),
		"at least 1"));
	CHECK(refuses(PLAN("{\"kind\":\"fetch\",\"urls\":[\"ftp://x\"],\"sha256\":\"" HEX "\"}", 0),
		"'ftp://x' is not"));
	CHECK(refuses(PLAN("{\"kind\":\"fetch\",\"urls\":[\"http://x\"],\"sha256\":\"ABC\"}", 0),
		"64 lower-case hex"));
	CHECK(refuses(RUN(",\"env\":{\"A=B\":\"\"}"), "cannot be a variable's name"));
	CHECK(refuses(RUN(",\"limits\":{\"time\":-1}"), "integer from 0"));
	CHECK(refuses(RUN(",\"limits\":{\"cpu\":1}"), "limits: field 'cpu': unknown"));
	CHECK(refuses(RUN(",\"network\":true"), "must declare the hash of its output"));
}

#define BASE(packages)                                                                             \
	PLAN(FETCH "," UNPACK                                                                      \
		   ",{\"kind\":\"file\",\"path\":\"x\",\"text\":\"\"},{\"kind\":\"debian\","       \
		   "\"inputs\":[[\"package\",1],[\"package\",1],[\"file\",2]]" packages "}",       \
		3)
#define PACKAGES(list) BASE(",\"packages\":[" list "]")

TEST(a_base_knows_its_packages)
{
	struct plan plan;
	struct err err = {0};

	CHECK_OR_RETURN(parse(PACKAGES("\"g++:all=4:12.2~a-3+b1\","
				       "\"libc6:kfreebsd-amd64=2 from glibc\""),
				&plan, &err) == 0);
	const struct plan_package *packages = plan.actions[3].debian.packages;
	CHECK(plan.actions[3].debian.count == 2);
	CHECK_TEXT(packages[0].name, "g++");
	CHECK_TEXT(packages[0].architecture, "all");
	CHECK_TEXT(packages[0].version, "4:12.2~a-3+b1");
	CHECK_TEXT(packages[0].source, "g++");
	CHECK_TEXT(packages[1].architecture, "kfreebsd-amd64");
	CHECK_TEXT(packages[1].version, "2");
	CHECK_TEXT(packages[1].source, "glibc");
	plan_done(&plan);
}

TEST(a_base_may_be_of_trees_without_names)
{
	CHECK(same_key(BASE(""), PACKAGES("")));
	CHECK(!same_key(BASE(""), PACKAGES("\"a:all=1\",\"b:all=1\"")));
	CHECK(!same_key(PACKAGES("\"a:all=1\",\"b:all=2\""), PACKAGES("\"a:all=1\",\"b:all=1\"")));
}

TEST(a_bases_packages_are_words_that_make_no_path_and_no_line)
{
	static const char *const wrong[][2] = {
		{"a", "not of the form NAME:ARCHITECTURE=VERSION"},
		{"a=1", "not of the form"},
		{"a:all", "not of the form"},
		{"", "not of the form"},
		{":all=1", "'' cannot be the name of a package"},
		{"../a:all=1", "'../a' cannot be the name of a package"},
		{".a:all=1", "'.a' cannot be the name"},
		{"a/b:all=1", "'a/b' cannot be the name"},
		{"A:all=1", "'A' cannot be the name"},
		{"a\\nb:all=1", "cannot be the name"},
		{"a:all=1 from ", "'' cannot be the name"},
		{"a:all=1 from x/y", "'x/y' cannot be the name"},
		{"a:all=1 from x from y", "'x from y' cannot be the name"},
		{"a:=1", "'' cannot be an architecture"},
		{"a:a/b=1", "'a/b' cannot be an architecture"},
		{"a:all=", "'' cannot be a version"},
		{"a:all=x1", "'x1' cannot be a version"},
		{"a:all=1/2", "'1/2' cannot be a version"},
		{"a:all=1 ", "'1 ' cannot be a version"},
		{"a:all=1\\nStatus: x", "cannot be a version"},
		{"a:all=1\\u00e9", "cannot be a version"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		cleanup_free char *plan = mem_printf(PACKAGES("\"%s\",\"b:all=1\""), wrong[i][0]);
		CHECK(refuses(plan, wrong[i][1]));
	}
	for (int length = 200; length <= 201; length++) {
		cleanup_free char *plan =
			mem_printf(PACKAGES("\"%0*d:all=1\",\"b:all=1\""), length, 0);
		CHECK(refuses(plan, "cannot be the name of a package") == (length > 200));
	}
}

TEST(a_base_names_all_of_its_packages_once_and_in_order)
{
	CHECK(refuses(PACKAGES("\"a:all=1\""), "each of the 2 inputs 'package', got 1"));
	CHECK(refuses(PACKAGES("\"a:all=1\",\"b:all=1\",\"c:all=1\""), "got 3"));
	CHECK(refuses(PACKAGES("\"b:all=1\",\"a:all=1\""), "'a' behind 'b': expected them sorted"));
	CHECK(refuses(PACKAGES("\"a:all=1\",\"a:amd64=1\""), "each once"));
	CHECK(refuses(PACKAGES("1"), "array of strings only"));
}

static void
add_change(void *context, const struct component_change *change)
{
	buf_printf(context, "%s %s: %s -> %s\n", change->component, change->detail,
		change->was ? change->was : "none", change->is ? change->is : "none");
}

TEST(what_changed_in_a_base_is_told_by_package)
{
	cleanup_buf struct buf was = {0}, is = {0}, changes = {0};

	last_key(PACKAGES("\"a:all=1\",\"b:all=1 from c\""), &was);
	last_key(PACKAGES("\"b:all=2 from c\",\"d:all=1\""), &is);
	CHECK(component_diff(buf_text(&was), buf_text(&is), add_change, &changes) == 3);
	CHECK_TEXT(buf_text(&changes),
		"packages a: all=1 -> none\npackages b: all=1 from c -> all=2 from c\n"
		"packages d: none -> all=1\n");
}

TEST(outputs_and_version_are_checked)
{
	CHECK(refuses("{\"version\":2,\"actions\":[],\"outputs\":{}}", "expected 1"));
	CHECK(refuses("{\"version\":1,\"actions\":[],\"outputs\":{}}", "'default'"));
	CHECK(refuses(PLAN(FETCH, 0), "is a file, not a tree"));
	CHECK(refuses(PLAN(FETCH, 7), "expected an action's index"));
	CHECK(refuses("[1,", "line 1"));
	CHECK(refuses("{\"version\":1,\"version\":1}", "duplicate"));
	CHECK(refuses("[]", "expected an object"));
}
