/* SPDX-License-Identifier: MIT */
/* What a step sees of files, and what it can do to them. */
#include "apart.h"
#include "step.h"

#include <sys/mount.h>

#include "test.h"

TEST(an_input_is_read_only)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND, step_make_dir(&step, "in"), "/in");
	step_make_file(&step, "in/file", "text");
	CHECK_TEXT(
		step_says(&step,
			"cat /in/file; for try in 'echo x >/in/file' 'echo x >/in/new' 'rm /in/file' "
			"'chmod 777 /in/file' 'ln /in/file /in/l' 'touch /in/file'; do "
			"sh -c \"$try\" 2>/dev/null && echo \"did $try\"; done; true"),
		"text");
	CHECK(access(step_path(&step, "in/file"), F_OK) == 0);
}

TEST(a_single_file_is_an_input_too)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND, step_make_file(&step, "one", "text"), "/deep/er/one");
	CHECK_TEXT(
		step_says(&step, "cat /deep/er/one; echo x 2>/dev/null >/deep/er/one || echo no"),
		"textno");
}

static bool
submounts_are_closed(void *argument)
{
	struct step *step = argument;
	/* mountinfo has these bytes in octal (proc_pid_mountinfo(5)) */
	const char *inner = step_make_dir(step, "in/in\\n\te r");

	if (!become_mounter() || mount("tmpfs", inner, "tmpfs", 0, NULL) < 0) {
		return false;
	}
	step_make_file(step, "in/in\\n\te r/file", "inner");
	return step_run(step, "cd /in/*; cat file; echo x >file") == 0 &&
	       step->result.exit_status != 0 && step_has(step, "inner") &&
	       step_has(step, "Read-only file system");
}

TEST(an_input_is_read_only_below_its_submounts_too)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND, step_make_dir(&step, "in"), "/in");
	CHECK(holds_apart(submounts_are_closed, &step));
}

static bool
names_are_reset(void *argument)
{
	struct step *step = argument;

	if (!become_mounter() || unshare(CLONE_NEWUTS) < 0 || sethostname("host", 4) < 0 ||
		setdomainname("domain", 6) < 0) {
		return false;
	}
	return strcmp(step_says(step, "cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname"),
		       "brun\n(none)") == 0;
}

TEST(the_hosts_names_do_not_show)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK(holds_apart(names_are_reset, &step));
}

static bool
locked_flags_do_not_hinder(void *argument)
{
	struct step *step = argument;
	const char *inner = step_make_dir(step, "locked");

	if (!become_mounter() || mount("tmpfs", inner, "tmpfs",
					 MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, NULL) < 0) {
		return false;
	}
	step_mount(step, SANDBOX_BIND, inner, "/in");
	step_mount(step, SANDBOX_BIND_RW, inner, "/rw");
	return step_run(step, "echo x >/rw/file && cat /in/file && ! echo y >/in/file") == 0 &&
	       step->result.exit_status == 0;
}

TEST(a_source_on_a_mount_with_locked_flags_works)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK(holds_apart(locked_flags_do_not_hinder, &step));
}

TEST(a_writable_bind_is_written_as_the_caller)
{
	cleanup_step struct step step;
	struct stat st;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/build/rw");
	CHECK_TEXT(
		step_says(&step,
			"mkdir -p /build/rw/a && echo text >/build/rw/a/b && stat -c %u:%g /build/rw"),
		"1000:1000");
	CHECK(stat(step_path(&step, "rw/a/b"), &st) == 0 && st.st_uid == geteuid() &&
		st.st_gid == getegid());
}

TEST(only_what_the_spec_lists_is_there)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_DIR, NULL, "/empty");
	CHECK_TEXT(step_says(&step, "ls -A / | grep -vE '^(usr|s?bin|lib.*|etc)$'"),
		"dev\nempty\nproc\ntmp");
}

TEST(the_root_is_bounded_and_has_room_for_files)
{
	cleanup_step struct step step;

	step_init(&step);
	char *text = arena_alloc(&step.arena, (1 << 20) + 1, 1);
	memset(text, 'x', 1 << 20);
	text[1 << 20] = '\0';
	step_mount(&step, SANDBOX_FILE, text, "/some/file");
	CHECK_TEXT(
		step_says(&step,
			"wc -c </some/file; stat -c %a / /some /some/file; echo $(($(stat -f -c %b*%S /)))"),
		"1048576\n755\n755\n644\n67108864");
}

TEST(a_tmpfs_is_everybodys_and_its_names_are_bounded)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_TMPFS, NULL, "/unsized");
	CHECK_TEXT(step_says(&step, "stat -c %a /tmp /unsized; stat -f -c %c /tmp /unsized"),
		"1777\n1777\n262144\n262144");
}

TEST(nothing_in_memory_is_larger_than_the_limit_on_it)
{
	cleanup_step struct step step;

	step_init(&step);
	step.spec.limits.memory_bytes = 256 << 20;
	step_mount(&step, SANDBOX_TMPFS, NULL, "/unsized");
	step_mount(&step, SANDBOX_TMPFS, NULL, "/large")->size = 1 << 30;
	CHECK_TEXT(step_says(&step, "for place in /unsized /large /dev/shm /tmp; do "
				    "echo $(($(stat -f -c %b*%S $place))); done"),
		"268435456\n268435456\n268435456\n1048576");
}

TEST(the_root_itself_is_read_only)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_DIR, NULL, "/empty");
	CHECK_OR_RETURN(
		step_run(&step,
			"mkdir /new || mkdir /empty/new || touch /dev/new || ln -s x /dev/y") == 0);
	CHECK(step.result.exit_status != 0);
}

TEST(a_given_file_has_its_text_and_keeps_it)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_FILE, "root:x:0:0\n", "/etc/passwd");
	step_mount(&step, SANDBOX_FILE, "", "/etc/nothing");
	CHECK_TEXT(
		step_says(&step,
			"cat /etc/passwd /etc/nothing; echo x 2>/dev/null >/etc/passwd || echo kept"),
		"root:x:0:0\nkept");
}

TEST(a_given_file_comes_to_its_place_whatever_names_inputs_have)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND, step_make_file(&step, "file", "input"), "/.brun-file-0");
	step_mount(&step, SANDBOX_BIND, step_make_dir(&step, "dir"), "/.brun-file-1");
	step_mount(&step, SANDBOX_LINK, "no/where", "/.brun-file-2");
	step_mount(&step, SANDBOX_FILE, "text", "/etc/file");
	CHECK_TEXT(step_says(&step, "cat /.brun-file-0 /etc/file; ls -d /.brun*"),
		"inputtext/.brun-file-0\n/.brun-file-1\n/.brun-file-2");
}

TEST(a_link_is_made_as_given)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_LINK, "../no/where", "/some/link");
	CHECK_TEXT(step_says(&step, "readlink /some/link"), "../no/where");
}

TEST(later_mounts_lie_over_earlier_ones)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND, step_make_dir(&step, "in"), "/in");
	step_make_dir(&step, "in/sub");
	step_make_file(&step, "in/sub/below", "");
	step_make_file(&step, "in/file", "below");
	step_mount(&step, SANDBOX_DIR, NULL, "/in/sub");
	step_mount(&step, SANDBOX_FILE, "over", "/in/file");
	CHECK_TEXT(
		step_says(&step,
			"ls -A /in/sub; cat /in/file; touch /in/sub/x 2>/dev/null; ls -A /in/sub; echo; "
			"stat -c %a /in/sub; stat -f -c %b /in/sub"),
		"over\n755\n1");
	CHECK(access(step_path(&step, "in/sub/below"), F_OK) == 0);
}

TEST(a_link_goes_into_nothing_but_the_roots_own)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	step_mount(&step, SANDBOX_LINK, "x", "/rw/link");
	CHECK(step_run(&step, "true") < 0 && step.err.status == STATUS_STEP);
	CHECK(access(step_path(&step, "rw"), F_OK) == 0 && rmdir(step_path(&step, "rw")) == 0);
}

TEST(an_inputs_own_dev_is_covered)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND, step_make_dir(&step, "in"), "/in");
	step_make_dir(&step, "in/dev");
	step_make_file(&step, "in/dev/bogus", "");
	step_mount(&step, SANDBOX_DEV, NULL, "/in/dev");
	CHECK_TEXT(
		step_says(&step,
			"cd /in/dev && test ! -e bogus && echo x >null && ! touch y 2>null && echo good"),
		"good");
}

/* A symlink of an input in the way of a mount's target: nothing may be mounted where it leads. */
static void
check_symlink_refused(const char *link_name, const char *link_target, const char *mount_target)
{
	cleanup_step struct step step;

	step_init(&step);
	const char *in = step_make_dir(&step, "in");
	const char *link = arena_printf(&step.arena, "%s/%s", in, link_name);
	CHECK_OR_RETURN(symlink(link_target, link) == 0);
	step_mount(&step, SANDBOX_BIND, in, "/in");
	step_mount(&step, SANDBOX_TMPFS, NULL, mount_target);
	CHECK(step_run(&step, "true") == -1);
	CHECK(step.err.status == STATUS_STEP);
	CHECK(step_has(&step, mount_target) && step_has(&step, "symlink"));
}

TEST(a_symlink_as_target_is_refused)
{
	check_symlink_refused("proc", "/tmp", "/in/proc");
	check_symlink_refused("dangling", "/not/there", "/in/dangling");
}

TEST(a_symlink_on_the_way_to_a_target_is_refused)
{
	check_symlink_refused("up", "..", "/in/up/tmp");
	check_symlink_refused("abs", "/", "/in/abs/new");
}

TEST(a_symlink_as_source_is_refused)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_OR_RETURN(symlink("/etc", step_path(&step, "link")) == 0);
	step_mount(&step, SANDBOX_BIND, step_path(&step, "link"), "/in");
	CHECK(step_run(&step, "true") == -1);
	CHECK(step.err.status == STATUS_STORE && step_has(&step, "link"));
}

TEST(a_source_that_is_missing_is_the_stores_fault)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND, "/no/such/input", "/in");
	CHECK(step_run(&step, "true") == -1);
	CHECK(step.err.status == STATUS_STORE && step_has(&step, "/no/such/input"));
}

TEST(roots_store_below_anothers_private_directory_is_explained)
{
	cleanup_step struct step step;

	step_init(&step);
	if (geteuid() != 0) {
		SKIP("only root can give a directory away");
	}
	step_mount(&step, SANDBOX_BIND, step_make_dir(&step, "in"), "/in");
	CHECK_OR_RETURN(chown(step.dir, 4321, 4321) == 0 && chmod(step.dir, 0700) == 0);
	CHECK(step_run(&step, "true") == -1);
	CHECK(step.err.status == STATUS_STORE);
	CHECK(step_has(&step, "Permission denied") && step_has(&step, "keep the store"));
}

TEST(a_target_that_an_input_lacks_is_refused)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND, step_make_dir(&step, "in"), "/in");
	step_mount(&step, SANDBOX_DIR, NULL, "/in/new");
	CHECK(step_run(&step, "true") == -1);
	CHECK(step.err.status == STATUS_STEP && step_has(&step, "/in/new"));
	CHECK(access(step_path(&step, "in/new"), F_OK) != 0);
}

TEST(targets_are_clean_absolute_paths_below_the_root)
{
	static const char *const bad[] = {
		"/", "", "in", "/in/../x", "/in//x", "/in/", "/./in", "//in"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cleanup_step struct step step;
		step_init(&step);
		step_mount(&step, SANDBOX_DIR, NULL, bad[i]);
		CHECK(step_run(&step, "true") == -1);
		CHECK(step.err.status == STATUS_STEP);
	}
}

TEST(dev_is_minimal)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(step_says(&step, "ls -A /dev | tr '\\n' ' '"),
		"fd full null ptmx pts random shm stderr stdin stdout tty urandom zero ");
}

TEST(device_nodes_work)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(
		step_says(&step,
			"echo x >/dev/null; head -c 2 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; "
			"head -c 4 /dev/random | wc -c; echo x 2>/dev/null >/dev/full || echo full; "
			"echo out >/dev/stdout; echo pipe | cat /dev/stdin; echo shm >/dev/shm/f; "
			"cat /dev/shm/f; : <>/dev/ptmx && echo pty"),
		"2\n3\n4\nfull\nout\npipe\nshm\npty");
}

TEST(device_nodes_of_the_host_cannot_be_changed)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_OR_RETURN(
		step_run(&step,
			"chmod 0666 /dev/null || chmod 0666 /proc/self/fd/0 || rm /dev/zero || "
			"touch -d @0 /dev/full") == 0);
	CHECK(step.result.exit_status != 0);
}

TEST(proc_shows_the_steps_processes_only)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(step_says(&step, "cd /proc && echo [0-9]*"), "1 2");
}

TEST(proc_is_read_only_and_masked)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(
		step_says(&step,
			"for f in sys/kernel/core_pattern sys/kernel/hostname sysrq-trigger self/oom_score_adj; "
			"do (echo x >/proc/$f) 2>/dev/null && echo wrote $f; done; "
			"cat /proc/kcore /proc/keys /proc/timer_list /proc/kmsg /proc/kpageflags 2>/dev/null "
			"| head -c 10; echo end"),
		"end");
}

TEST(what_proc_tells_of_the_machine_is_masked_name_by_name)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(
		step_says(&step,
			"cd /proc; for f in interrupts iomem ioports kcore key-users keys kmsg kpagecgroup "
			"kpagecount kpageflags latency_stats mtrr pagetypeinfo sched_debug slabinfo "
			"softirqs timer_list timer_stats vmallocinfo vmcore; do "
			"[ ! -r $f ] || [ -c $f ] || echo $f; done; "
			"for d in acpi asound bus irq pressure scsi; do [ ! -d $d ] || "
			"[ $(stat -c %d $d) != $(stat -c %d .) ] || echo $d; ls -A $d 2>/dev/null; done; "
			"echo end"),
		"end");
}

/* Whatever the kernel's age: a step of root's has the uid to read it. */
TEST(what_proc_has_for_root_alone_is_masked)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(
		step_says(&step,
			"cd /proc; for f in *; do [ ! -f $f ] || [ ! -r $f ] || "
			"case $(stat -c %A $f) in ???????r*) ;; *) echo $f;; esac; done; echo end"),
		"end");
}

TEST(every_mount_is_nosuid_and_all_but_devices_nodev)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	CHECK_TEXT(
		step_says(&step,
			"awk '$6 !~ /nosuid/ || ($6 !~ /nodev/ && $5 !~ \"^/dev/|^/proc/\") {print}' "
			"/proc/self/mountinfo; echo end"),
		"end");
}

TEST(the_hosts_mounts_are_gone)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(step_says(&step, "awk '$5 == \"/\"' /proc/self/mountinfo | wc -l"), "1");
	CHECK_OR_RETURN(step_run(&step, "ls -d /../../tmp/* ../../tmp/*; ls -A /../..") == 0);
	CHECK(!step_has(&step, "brun-step") && !step_has(&step, "root"));
}
