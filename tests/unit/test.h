/* SPDX-License-Identifier: MIT */
/* Self-registering unit tests. One fact a TEST; output is TAP, which tests/run counts.
 *
 *	TEST(a_digest_reads_back)
 *	{
 *		CHECK(digest_parse(…));
 *		CHECK_TEXT(hex, "e3b0…");
 *	}
 *
 * A file of TESTs is a program: this header brings main. Include it once, last. */
#ifndef BRUN_TEST_H
#define BRUN_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct test {
	const char *name;
	void (*body)(void);
	struct test *next;
};

static struct test *test_first, **test_last = &test_first;
static bool test_has_failed;
static const char *test_skip_reason;

#define TEST(title)                                                                                \
	static void test_body_##title(void);                                                       \
	static struct test test_##title = {#title, test_body_##title, NULL};                       \
	__attribute__((constructor)) static void test_register_##title(void)                       \
	{                                                                                          \
		*test_last = &test_##title;                                                        \
		test_last = &test_##title.next;                                                    \
	}                                                                                          \
	static void test_body_##title(void)

static inline bool
test_report(bool is_good, const char *file, int line, const char *text)
{
	if (!is_good) {
		printf("# %s:%d: %s\n", file, line, text);
		test_has_failed = true;
	}
	return is_good;
}

static inline bool
test_report_text(const char *got, const char *wanted, const char *file, int line)
{
	if (got && wanted && strcmp(got, wanted) == 0) {
		return true;
	}
	printf("# %s:%d:\n#   expected: %s\n#   got:      %s\n", file, line,
		wanted ? wanted : "(null)", got ? got : "(null)");
	test_has_failed = true;
	return false;
}

/* Records a failure and goes on. CHECK_OR_RETURN leaves the test. */
#define CHECK(condition)	test_report((condition), __FILE__, __LINE__, #condition)
#define CHECK_TEXT(got, wanted) test_report_text((got), (wanted), __FILE__, __LINE__)
#define CHECK_OR_RETURN(condition)                                                                 \
	do {                                                                                       \
		if (!CHECK(condition)) {                                                           \
			return;                                                                    \
		}                                                                                  \
	} while (0)

/* Leaves the test as skipped, with the reason. */
#define SKIP(reason)                                                                               \
	do {                                                                                       \
		test_skip_reason = (reason);                                                       \
		return;                                                                            \
	} while (0)

int
main(void)
{
	int number = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (struct test *test = test_first; test; test = test->next) {
		test_has_failed = false;
		test_skip_reason = NULL;
		test->body();
		number++;
		failed += test_has_failed;
		printf("%sok %d - %s%s%s\n", test_has_failed ? "not " : "", number, test->name,
			test_skip_reason && !test_has_failed ? " # SKIP " : "",
			test_skip_reason && !test_has_failed ? test_skip_reason : "");
	}
	printf("1..%d\n", number);
	return failed ? 1 : 0;
}

#endif
