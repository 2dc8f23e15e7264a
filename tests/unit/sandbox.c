/* SPDX-License-Identifier: MIT */
/* What a step is given and how it ends. */
#include "step.h"

#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "test.h"

TEST(the_probe_is_content_with_this_host)
{
	struct err err = {0};

	if (!CHECK(sandbox_probe(&err) == 0)) {
		printf("# %s\n", err.text);
	}
}

TEST(exit_status_comes_back)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_OR_RETURN(step_run(&step, "exit 37") == 0);
	CHECK(step.result.outcome == SANDBOX_EXITED);
	CHECK(step.result.exit_status == 37);
}

TEST(death_by_signal_comes_back)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_OR_RETURN(step_run(&step, "kill -SEGV $$") == 0);
	CHECK(step.result.outcome == SANDBOX_SIGNALLED);
	CHECK(step.result.signal == SIGSEGV);
}

TEST(stdout_and_stderr_are_one_stream_in_order)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(step_says(&step, "printf 1; printf 2 >&2; printf 3"), "123");
}

TEST(output_to_the_last_byte_comes_through)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_OR_RETURN(step_run(&step, "head -c 3000000 /dev/zero") == 0);
	CHECK(step.output.length == 3000000);
}

TEST(the_environment_is_the_specs_and_nothing_else)
{
	cleanup_step struct step step;
	static const char *const env[] = {"PATH=/usr/bin:/bin", "A=b c", NULL};

	step_init(&step);
	step.spec.env = env;
	setenv("BRUN_TEST_SECRET", "x", 1);
	CHECK_TEXT(step_says(&step, "tr '\\0' , </proc/$$/environ; true"),
		"PATH=/usr/bin:/bin,A=b c,");
	unsetenv("BRUN_TEST_SECRET");
}

TEST(stdin_is_empty)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(step_says(&step, "cat; echo end"), "end");
}

TEST(descriptors_of_the_caller_stay_outside)
{
	cleanup_step struct step step;
	int low = open("/", O_RDONLY | O_DIRECTORY), high = dup2(low, 777);

	step_init(&step);
	CHECK_TEXT(step_says(&step, "for fd in /proc/self/fd/*; do [ -e $fd ] && echo $fd; done"),
		"/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2");
	close(low);
	close(high);
}

TEST(a_caller_without_stdio_can_run_steps)
{
	cleanup_step struct step step;

	step_init(&step);
	pid_t pid = fork();
	if (pid == 0) {
		close_range(0, 2, 0);
		bool is_good = step_run(&step, "cat; echo a; echo b >&2") == 0 &&
			       strcmp(buf_text(&step.output), "a\nb\n") == 0;
		_exit(is_good ? 0 : 1);
	}
	int status;
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

TEST(signal_mask_and_dispositions_are_reset)
{
	cleanup_step struct step step;
	sigset_t blocked, before;

	step_init(&step);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGRTMAX);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	signal(SIGINT, SIG_IGN);
	signal(SIGRTMAX, SIG_IGN);
	CHECK_TEXT(step_says(&step, "exec grep -E 'Sig(Blk|Ign)' /proc/self/status"),
		"SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000");
	signal(SIGINT, SIG_DFL);
	signal(SIGRTMAX, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

TEST(a_caller_that_ignores_SIGCHLD_still_hears_the_end)
{
	cleanup_step struct step step;

	step_init(&step);
	signal(SIGCHLD, SIG_IGN);
	CHECK(step_run(&step, "exit 5") == 0 && step.result.exit_status == 5);
	signal(SIGCHLD, SIG_DFL);
}

static volatile sig_atomic_t child_signals;

static void
count_signal(int number)
{
	(void)number;
	child_signals++;
}

/* It would reap what is ours, with wait(2), or with SIG_IGN. */
TEST(a_caller_gets_no_SIGCHLD_of_a_step)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK(step_run(&step, "true") == 0); /* the first one may ask newgidmap */
	child_signals = 0;
	signal(SIGCHLD, count_signal);
	CHECK(step_run(&step, "true") == 0);
	signal(SIGCHLD, SIG_DFL);
	CHECK(child_signals == 0);
}

TEST(the_umask_does_not_come_from_the_caller)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_FILE, "text", "/some/where/file");
	mode_t before = umask(0777);
	CHECK_TEXT(step_says(&step, "umask; cat /some/where/file"), "0022\ntext");
	umask(before);
}

static rlim_t
at_most(rlim_t limit, rlim_t hard)
{
	return limit < hard ? limit : hard;
}

/* The soft limit in proc(5)'s words. */
static bool
is_limit(const char *limits, const char *name, rlim_t expected)
{
	const char *line = strstr(limits, name);
	const char *value = line ? line + strlen(name) + strspn(line + strlen(name), " ") : "";
	bool is_so = expected == RLIM_INFINITY ? strncmp(value, "unlimited", 9) == 0
					       : strtoull(value, NULL, 10) == expected;

	if (!is_so) {
		printf("# %s: %.20s, expected %llu\n", name, value, (unsigned long long)expected);
	}
	return is_so;
}

TEST(limits_do_not_come_from_the_caller)
{
	static const struct {
		int resource;
		const char *name;
		rlim_t callers, steps;
	} all[] = {
		{RLIMIT_CORE, "Max core file size", 4096, 1},
		{RLIMIT_CPU, "Max cpu time", 10000, RLIM_INFINITY},
		/* what a sanitizer maps counts, too */
		{RLIMIT_DATA, "Max data size", 1UL << 50, RLIM_INFINITY},
		{RLIMIT_FSIZE, "Max file size", 1UL << 40, RLIM_INFINITY},
		{RLIMIT_LOCKS, "Max file locks", 100, RLIM_INFINITY},
		{RLIMIT_MEMLOCK, "Max locked memory", 4096, 65536},
		{RLIMIT_MSGQUEUE, "Max msgqueue size", 4096, 819200},
		{RLIMIT_NOFILE, "Max open files", 500, 1024},
		{RLIMIT_SIGPENDING, "Max pending signals", 100, 4096},
		{RLIMIT_STACK, "Max stack size", 1 << 20, 8 << 20},
	};
	enum { COUNT = sizeof(all) / sizeof(*all) };
	struct rlimit before[COUNT];
	cleanup_step struct step step;

	step_init(&step);
	for (size_t i = 0; i < COUNT; i++) {
		getrlimit((__rlimit_resource_t)all[i].resource, &before[i]);
		struct rlimit limit = {
			at_most(all[i].callers, before[i].rlim_max), before[i].rlim_max};
		setrlimit((__rlimit_resource_t)all[i].resource, &limit);
	}
	const char *limits = step_says(&step, "cat /proc/self/limits");
	for (size_t i = 0; i < COUNT; i++) {
		CHECK(is_limit(limits, all[i].name, at_most(all[i].steps, before[i].rlim_max)));
		setrlimit((__rlimit_resource_t)all[i].resource, &before[i]);
	}
}

TEST(a_raised_priority_is_the_callers_alone)
{
	cleanup_step struct step step;
	int before = getpriority(PRIO_PROCESS, 0);

	step_init(&step);
	(void)setpriority(PRIO_PROCESS, 0, -5); /* root only */
	CHECK(before > 0 || strcmp(step_says(&step, "nice"), "0") == 0);
	(void)setpriority(PRIO_PROCESS, 0, before);
}

TEST(the_step_is_user_and_group_1000_without_others)
{
	static const gid_t some[] = {4, 27};
	cleanup_step struct step step;
	gid_t before[64];
	int count = getgroups(64, before);

	step_init(&step);
	(void)setgroups(2, some); /* root only */
	CHECK_OR_RETURN(step_says(&step, "id -u; id -g; echo $$; grep Groups /proc/self/status"));
	CHECK(strncmp(buf_text(&step.output), "1000\n1000\n2\n", 12) == 0);
	/* Who else can leave them is said by e2e/groups.sh. */
	if (geteuid() == 0 || getenv("BRUN_TEST_LEAVES_GROUPS")) {
		CHECK(step_has(&step, "Groups:\t"));
		CHECK(strpbrk(strstr(buf_text(&step.output), "Groups:"), "0123456789") == NULL);
	}
	(void)setgroups(count < 0 ? 0 : (size_t)count, before);
}

TEST(there_are_no_capabilities_and_no_way_to_any)
{
	cleanup_step struct step step;

	step_init(&step);
	/* Nor has the first process, which begins with all of its namespace's. */
	for (const char *const *process = (const char *const[]){"self", "1", NULL}; *process;
		process++) {
		char script[80];
		snprintf(script, sizeof(script),
			"grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/%s/status", *process);
		CHECK_TEXT(step_says(&step, script),
			"CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
			"CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
			"CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2");
	}
}

TEST(host_name_is_brun_or_the_specs)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(step_says(&step, "uname -n"), "brun");
	step.spec.hostname = "other";
	CHECK_TEXT(step_says(&step, "uname -n"), "other");
}

TEST(the_network_is_a_lone_loopback_that_works)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(step_says(&step, "sed -n 's/:.*//; 3,$p' /proc/net/dev | tr -d ' '"), "lo");
	CHECK_OR_RETURN(step_says(&step, "cat /proc/net/fib_trie"));
	CHECK(step_has(&step, "127.0.0.1"));
}

TEST(a_step_with_network_shares_the_hosts)
{
	cleanup_step struct step step;
	char host[64] = "", other[64];

	step_init(&step);
	CHECK_OR_RETURN(readlink("/proc/self/ns/net", host, sizeof(host) - 1) > 0);
	step_says(&step, "readlink /proc/self/ns/net");
	snprintf(other, sizeof(other), "%s", buf_text(&step.output));
	step.spec.network = true;
	CHECK_TEXT(step_says(&step, "readlink /proc/self/ns/net"), host);
	CHECK(other[0] && strcmp(other, host) != 0);
}

TEST(there_is_no_terminal)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(step_says(&step, "(: </dev/tty) 2>/dev/null && echo yes || echo no"), "no");
}

TEST(a_terminal_is_the_steps_own_where_it_is_given_one)
{
	cleanup_step struct step step;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char line[64] = "";

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
		SKIP("no pseudo terminal can be made");
	}
	int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	step_init(&step);
	step.spec.terminal_fd = &slave;
	CHECK(write(master, "typed\n", 6) == 6);
	CHECK(step_run(&step,
		      "read line && test -t 1 && stty -echo </dev/tty && echo \"got $line\" >/dev/tty") ==
		0);
	CHECK(step.result.outcome == SANDBOX_EXITED && step.result.exit_status == 0);
	/* The kernel hands it over piece by piece, and ends with EIO. */
	close(slave);
	for (size_t at = 0; at < sizeof(line) - 1;) {
		ssize_t got = read(master, line + at, sizeof(line) - 1 - at);
		if (got <= 0) {
			break;
		}
		at += (size_t)got;
	}
	CHECK(strstr(line, "got typed") != NULL);
	close(master);
}

TEST(pid_1_shows_nothing_of_itself)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(
		step_says(&step,
			"cat /proc/1/environ /proc/1/maps /proc/1/fd/* 2>/dev/null; "
			"ls /proc/1/root/ 2>/dev/null; readlink /proc/1/fd/* /proc/1/exe; echo end"),
		"end");
}

TEST(the_first_process_shows_nothing_of_the_callers_command_line)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(step_says(&step, "tr '\\0' '|' </proc/1/cmdline; echo; cat /proc/1/comm"),
		"brun|\nbrun");
}

TEST(the_working_directory_is_the_specs)
{
	cleanup_step struct step step;

	step_init(&step);
	step.spec.cwd = "/tmp";
	CHECK_TEXT(step_says(&step, "pwd"), "/tmp");
}

TEST(a_program_that_is_missing_is_the_steps_fault)
{
	cleanup_step struct step step;
	static const char *const argv[] = {"/usr/bin/no-such-program", NULL};

	step_init(&step);
	step.spec.argv = argv;
	CHECK(sandbox_run(&step.spec, &step.result, &step.err) == -1);
	CHECK(step.err.status == STATUS_STEP);
	CHECK_TEXT(step.err.text,
		"execute '/usr/bin/no-such-program' in the step: No such file or directory");
}

TEST(a_working_directory_that_is_missing_is_the_steps_fault)
{
	cleanup_step struct step step;

	step_init(&step);
	step.spec.cwd = "/nowhere";
	CHECK(step_run(&step, "true") == -1);
	CHECK(step.err.status == STATUS_STEP && step_has(&step, "/nowhere"));
}

TEST(a_daemon_that_holds_stdout_does_not_keep_the_step)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(step_says(&step, "setsid sleep 1000 & echo started"), "started");
	CHECK(step.result.outcome == SANDBOX_EXITED && step.result.wall_ms < 50000);
}

/* A lock on a file is held by the processes of a step; it is free once all of them are gone. */
static bool
is_lock_free(const char *path, int operation)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	return flock(fd, operation) == 0;
}

TEST(nothing_of_a_step_outlives_it)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	CHECK_OR_RETURN(
		step_run(&step, "exec 9>/rw/lock; flock 9; setsid setsid sleep 1000 & exit 0") ==
		0);
	CHECK(is_lock_free(step_path(&step, "rw/lock"), LOCK_EX | LOCK_NB));
}

static void
say_ready(void *context, const char *data, size_t length)
{
	ssize_t ignored = write(*(int *)context, data, length);
	(void)ignored;
}

TEST(killing_the_caller_kills_the_step)
{
	cleanup_step struct step step;
	const char *const argv[] = {"/bin/sh", "-c",
		"exec 9>/rw/lock; flock 9; { sleep 20; echo >/rw/lived; } & echo ready; wait",
		NULL};
	int ready[2];
	char byte;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	step.spec.argv = argv;
	CHECK_OR_RETURN(pipe2(ready, O_CLOEXEC) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		step.spec.output = say_ready;
		step.spec.context = &ready[1];
		sandbox_run(&step.spec, &step.result, &step.err);
		_exit(1);
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	CHECK(!is_lock_free(step_path(&step, "rw/lock"), LOCK_EX | LOCK_NB));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* Waits until the last holder is gone; one that lives on ends by itself, too late. */
	CHECK(is_lock_free(step_path(&step, "rw/lock"), LOCK_EX));
	CHECK(access(step_path(&step, "rw/lived"), F_OK) != 0);
	close(ready[0]);
	close(ready[1]);
}

static void *
run_some(void *argument)
{
	const int number = *(int *)argument;
	char script[64];
	intptr_t good = 0;

	for (int round = 0; round < 4; round++) {
		cleanup_step struct step step;
		step_init(&step);
		snprintf(script, sizeof(script), "echo %d; exit %d", number, number + round);
		good += step_run(&step, script) == 0 && step.result.exit_status == number + round &&
			atoi(buf_text(&step.output)) == number;
	}
	return (void *)good;
}

TEST(steps_run_from_many_threads)
{
	enum { THREADS = 6 };
	pthread_t threads[THREADS];
	int numbers[THREADS];

	for (int i = 0; i < THREADS; i++) {
		numbers[i] = 10 * i;
		pthread_create(&threads[i], NULL, run_some, &numbers[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		void *good = NULL;
		pthread_join(threads[i], &good);
		CHECK((intptr_t)good == 4);
	}
}

TEST(figures_are_plausible)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_OR_RETURN(step_run(&step, "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done") == 0);
	CHECK(step.result.user_ms > 0 && step.result.user_ms < 60000);
	CHECK(step.result.peak_memory > 100000 && step.result.peak_memory < 1ULL << 32);
}
