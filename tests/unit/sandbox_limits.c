/* SPDX-License-Identifier: MIT */
/* Each limit of a step is its own outcome. */
#include "apart.h"
#include "step.h"

#include <grp.h>
#include <linux/capability.h>

#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "test.h"

TEST(wall_time_ends_a_step)
{
	cleanup_step struct step step;

	step_init(&step);
	step.spec.limits.wall_seconds = 1;
	CHECK_TEXT(step_says(&step, "echo begun; trap '' TERM INT; while :; do sleep 1000; done"),
		"begun");
	CHECK(step.result.outcome == SANDBOX_WALL);
}

TEST(silence_ends_a_step)
{
	cleanup_step struct step step;

	step_init(&step);
	step.spec.limits.silence_seconds = 1;
	CHECK_OR_RETURN(step_run(&step, "sleep 1000") == 0);
	CHECK(step.result.outcome == SANDBOX_SILENCE);
}

TEST(too_long_a_log_ends_a_step_and_is_cut)
{
	cleanup_step struct step step;

	step_init(&step);
	step.spec.limits.log_bytes = 10001;
	CHECK_OR_RETURN(step_run(&step, "yes") == 0);
	CHECK(step.result.outcome == SANDBOX_LOG);
	CHECK(step.output.length == 10001);
}

TEST(a_log_of_just_the_limit_is_fine)
{
	cleanup_step struct step step;

	step_init(&step);
	step.spec.limits.log_bytes = 10000;
	CHECK_OR_RETURN(step_run(&step, "head -c 10000 /dev/zero") == 0);
	CHECK(step.result.outcome == SANDBOX_EXITED && step.output.length == 10000);
}

TEST(memory_beyond_the_limit_is_not_given)
{
	cleanup_step struct step step;

	step_init(&step);
	step.spec.limits.memory_bytes = 256 << 20;
	CHECK_OR_RETURN(step_run(&step, "dd if=/dev/zero of=/dev/null bs=64M count=1") == 0);
	CHECK(step.result.outcome == SANDBOX_EXITED && step.result.exit_status == 0);
	CHECK_OR_RETURN(step_run(&step, "dd if=/dev/zero of=/dev/null bs=1024M count=1") == 0);
	CHECK(step.result.outcome != SANDBOX_EXITED || step.result.exit_status != 0);
}

TEST(memory_of_all_processes_together_ends_a_step)
{
	cleanup_step struct step step;

	step_init(&step);
	if (access("/proc/thread-self/children", F_OK) != 0) {
		SKIP("this kernel has no /proc/PID/task/TID/children");
	}
	step.spec.limits.memory_bytes = 128 << 20;
	/* tail keeps a line of 60 MB until somebody reads it. */
	CHECK_OR_RETURN(
		step_run(&step,
			"for i in 1 2 3 4; do head -c 60000000 /dev/zero | tail -n 1 | sleep 1000 & "
			"done; sleep 1000") == 0);
	CHECK(step.result.outcome == SANDBOX_MEMORY);
}

TEST(disk_growth_ends_a_step)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	step.spec.limits.disk_bytes = 4 << 20;
	CHECK_OR_RETURN(step_run(&step, "head -c 32M /dev/urandom >/rw/file; sleep 1000") == 0);
	CHECK(step.result.outcome == SANDBOX_DISK);
}

TEST(what_lies_deep_counts_as_disk)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	step.spec.limits.disk_bytes = 4 << 20;
	CHECK_OR_RETURN(step_run(&step, "cd /rw; for i in $(seq 80); do mkdir d; cd d; done; "
					"head -c 32M /dev/urandom >file; sleep 1000") == 0);
	CHECK(step.result.outcome == SANDBOX_DISK);
}

TEST(more_deep_directories_than_can_be_counted_are_too_much)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	CHECK_OR_RETURN(step_run(&step, "cd /rw; for i in $(seq 64); do mkdir d; cd d; done; "
					"mkdir $(seq 300); sleep 1000") == 0);
	CHECK(step.result.outcome == SANDBOX_DISK);
}

TEST(what_lies_behind_a_mode_counts_as_disk)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	step.spec.limits.disk_bytes = 4 << 20;
	CHECK_OR_RETURN(step_run(&step, "mkdir /rw/d; exec >/rw/d/file; chmod 0 /rw/d; "
					"head -c 32M /dev/urandom; sleep 1000") == 0);
	CHECK(step.result.outcome == SANDBOX_DISK);
	chmod(step_path(&step, "rw/d"), 0700);
}

static void
fill_file(const char *path, size_t size)
{
	cleanup_free char *data = mem_alloc(size);

	memset(data, 'x', size);
	fs_create_at(AT_FDCWD, path, 0644, data, size, NULL);
}

/* Puts a file system of the process's own over /tmp: what is seen but by how much that has grown
 * would depend on what others do on the disk meanwhile. */
static bool
has_own_disk(void)
{
	return become_mounter() && mount("tmpfs", "/tmp", "tmpfs", 0, "size=128m") == 0;
}

/* But for the one without which no root can make a user namespace (Linux 5.12). */
static bool
give_up_rights(void)
{
	const unsigned kept = 1U << CAP_SETFCAP;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct rights[2] = {{.effective = kept, .permitted = kept}};

	return syscall(SYS_capset, &header, rights) == 0;
}

/* As an ordinary user, whom a mode keeps out, too; the file system gets emptier meanwhile. */
static bool
hidden_is_counted(void *unused)
{
	const unsigned id = 61234;

	(void)unused;
	if (geteuid() == 0 &&
		(setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0 ||
			prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)) {
		return false;
	}
	if (!has_own_disk() || !give_up_rights() || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0) {
		return false;
	}
	cleanup_step struct step step;
	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "other"), "/other");
	fill_file(step_path(&step, "other/file"), 64 << 20);
	step.spec.limits.disk_bytes = 16 << 20;
	step.spec.limits.wall_seconds = 30;
	return step_run(&step, "rm /other/file; mkdir /rw/d; exec >/rw/d/file; "
			       "chmod 0 /rw/d; head -c 32M /dev/urandom; sleep 1000") == 0 &&
	       step.result.outcome == SANDBOX_DISK;
}

TEST(what_lies_behind_a_mode_is_counted_even_where_others_give_room_back)
{
	CHECK(holds_apart(hidden_is_counted, NULL));
}

static bool
unnamed_is_counted(void *script)
{
	if (!has_own_disk()) {
		return false;
	}
	cleanup_step struct step step;
	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	step.spec.limits.disk_bytes = 4 << 20;
	step.spec.limits.wall_seconds = 30;
	return step_run(&step, script) == 0 && step.result.outcome == SANDBOX_DISK;
}

static void
check_unnamed(const char *script)
{
	if (access("/usr/bin/python3", X_OK) != 0) {
		SKIP("python3 is not installed");
	}
	CHECK(holds_apart(unnamed_is_counted, (void *)(uintptr_t)script));
}

#define PYTHON(body) "python3 -c 'import array, mmap, os, socket, time\n" body "time.sleep(1000)'"

TEST(what_has_no_name_counts_as_disk)
{
	check_unnamed(PYTHON("fd = os.open(\"/rw/file\", os.O_RDWR | os.O_CREAT)\n"
			     "os.unlink(\"/rw/file\")\n"
			     "os.pwrite(fd, os.urandom(32 << 20), 0)\n"));
}

/* Python's mmap has a descriptor of its own. Nothing is written while there is any. */
TEST(what_only_a_mapping_holds_counts_as_disk)
{
	check_unnamed(PYTHON("fd = os.open(\"/rw/file\", os.O_RDWR | os.O_CREAT)\n"
			     "os.unlink(\"/rw/file\")\n"
			     "os.truncate(fd, 32 << 20)\n"
			     "map = mmap.mmap(fd, 32 << 20)\n"
			     "os.closerange(3, 64)\n"
			     "map.write(os.urandom(32 << 20))\n"));
}

/* Never more than the limit at a time is in the step's own descriptors. */
TEST(what_is_on_its_way_through_a_socket_counts_as_disk)
{
	cleanup_fd int any = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cleanup_free char *path = mem_printf("/proc/self/fdinfo/%d", any);
	cleanup_buf struct buf text = {0};

	if (fs_read_at(AT_FDCWD, path, 4096, &text, NULL) < 0 ||
		!strstr(buf_text(&text), "scm_fds:")) {
		SKIP("this kernel does not tell of descriptors in a socket (Linux 5.10)");
	}
	check_unnamed(PYTHON("a, b = socket.socketpair()\n"
			     "for i in range(16):\n"
			     "    fd = os.open(\"/rw/file\", os.O_RDWR | os.O_CREAT)\n"
			     "    os.unlink(\"/rw/file\")\n"
			     "    os.pwrite(fd, os.urandom(2 << 20), 0)\n"
			     "    a.sendmsg([b\"x\"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, "
			     "array.array(\"i\", [fd]))])\n"
			     "    os.close(fd)\n"));
}

TEST(what_has_no_name_counts_once_whoever_holds_it)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	step.spec.limits.disk_bytes = 48 << 20;
	CHECK_OR_RETURN(step_run(&step, "exec 3>/rw/file 4>&3; rm /rw/file; "
					"head -c 32M /dev/urandom >&3; sleep 1") == 0);
	CHECK(step.result.outcome == SANDBOX_EXITED);
}

TEST(others_on_the_same_disk_are_not_a_step)
{
	cleanup_step struct step step;

	step_init(&step);
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "rw"), "/rw");
	step_mount(&step, SANDBOX_BIND_RW, step_make_dir(&step, "other"), "/other");
	step.spec.limits.disk_bytes = 48 << 20;
	CHECK_OR_RETURN(step_run(&step, "head -c 32M /dev/urandom >/rw/file; rm /rw/file; "
					"head -c 32M /dev/urandom >/other/file; sleep 1") == 0);
	CHECK(step.result.outcome == SANDBOX_EXITED);
}

TEST(files_in_memory_count_as_memory)
{
	cleanup_step struct step step;

	step_init(&step);
	if (access("/usr/bin/python3", X_OK) != 0) {
		SKIP("python3 is not installed");
	}
	step.spec.limits.memory_bytes = 256 << 20;
	step.spec.limits.wall_seconds = 30;
	/* The writes go through a small buffer: it is no process of its own that is too large. */
	CHECK_OR_RETURN(step_run(&step, "python3 -c 'import os, time\n"
					"for fd in [os.memfd_create(str(i)) for i in range(4)]:\n"
					"    for i in range(100): os.write(fd, bytes(1 << 20))\n"
					"time.sleep(1000)'") == 0);
	CHECK(step.result.outcome == SANDBOX_MEMORY);
	/* The file system is full, or (what lies there counts, too) the limit comes first. */
	CHECK_OR_RETURN(step_run(&step, "head -c 300M /dev/zero >/dev/shm/file") == 0);
	CHECK(step.result.outcome == SANDBOX_MEMORY || step.result.exit_status != 0);
}

TEST(a_tmpfs_is_bounded_by_its_size)
{
	cleanup_step struct step step;

	step_init(&step);
	CHECK_TEXT(
		step_says(&step, "head -c 3M /dev/zero 2>/dev/null >/tmp/f || stat -c %s /tmp/f"),
		"1048576");
}

TEST(processes_are_bounded)
{
	cleanup_step struct step step;
	struct utsname name;
	int major = 0, minor = 0;

	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	if (geteuid() == 0 && major * 1000 + minor < 6014) {
		SKIP("the kernel exempts root from RLIMIT_NPROC and has no pid_max a namespace");
	}
	step_init(&step);
	step.spec.limits.processes = 400;
	CHECK_OR_RETURN(
		step_run(&step,
			"i=0; while [ $i -lt 1000 ]; do i=$((i+1)); sleep 1000 & done; exit 0") ==
		0);
	CHECK(step.result.outcome == SANDBOX_PROCESSES || step.result.exit_status != 0);
	/* Those that stay are the limit's doing, not a mishap of one fork. */
	step.spec.limits.processes = 100;
	CHECK_OR_RETURN(step_run(&step, "trap : EXIT; for i in $(seq 1000); do (sleep 1000 & :) || "
					"sleep 1000; done") == 0);
	CHECK(step.result.outcome == SANDBOX_PROCESSES);
}

TEST(cancelling_ends_a_step)
{
	cleanup_step struct step step;
	int ends[2];

	step_init(&step);
	CHECK_OR_RETURN(pipe2(ends, O_CLOEXEC) == 0 && write(ends[1], "x", 1) == 1);
	step.spec.cancel_fd = ends[0];
	CHECK(step_run(&step, "sleep 1000") == 0);
	CHECK(step.result.outcome == SANDBOX_CANCELLED);
	close(ends[0]);
	close(ends[1]);
}

TEST(a_cancel_descriptor_that_stays_quiet_changes_nothing)
{
	cleanup_step struct step step;
	int ends[2];

	step_init(&step);
	CHECK_OR_RETURN(pipe2(ends, O_CLOEXEC) == 0);
	step.spec.cancel_fd = ends[0];
	CHECK(step_run(&step, "exit 4") == 0);
	CHECK(step.result.outcome == SANDBOX_EXITED && step.result.exit_status == 4);
	close(ends[0]);
	close(ends[1]);
}
