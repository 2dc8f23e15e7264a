/* SPDX-License-Identifier: MIT */
/* Processes that confine themselves. */
#include "apart.h"
#include "step.h"

#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "test.h"

/* A confined process' scratch directory and what it is confined with. */
struct confinement {
	struct step step; /* for its directory */
	int root_fd;
	bool is_writable;
};

static bool
is_refused(long result)
{
	return result == -1;
}

/* No limits, nothing of devices and terminals, nobody else. */
static bool
is_kept_to_itself(void)
{
	char *const argv[] = {(char *)"true", NULL};
	struct rlimit limit;
	int ends[2], count;

	return getrlimit(RLIMIT_CORE, &limit) == 0 && is_refused(setrlimit(RLIMIT_CORE, &limit)) &&
	       pipe2(ends, O_CLOEXEC) == 0 && is_refused(ioctl(ends[0], FIONREAD, &count)) &&
	       is_refused(socket(AF_INET, SOCK_STREAM, 0)) &&
	       is_refused(socket(AF_UNIX, SOCK_STREAM, 0)) && is_refused(fork()) &&
	       is_refused(execv("/bin/true", argv)) && is_refused(kill(getppid(), 0)) &&
	       is_refused(kill(0, 0)) && is_refused(kill(-1, 0)) && kill(getpid(), 0) == 0 &&
	       is_refused(prctl(PR_SET_DUMPABLE, 1));
}

static bool
can_only_do_files(void)
{
	void *memory =
		mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory != MAP_FAILED && is_refused(mprotect(memory, 4096, PROT_READ | PROT_EXEC)) &&
	       is_kept_to_itself();
}

static bool
confine_and_look(void *argument)
{
	struct confinement *it = argument;
	struct err err = {0};

	if (sandbox_confine(it->root_fd, it->is_writable, &err) < 0) {
		printf("# %s\n", err.text);
		return false;
	}
	cleanup_fd int made = open("/new", O_WRONLY | O_CREAT, 0644);
	cleanup_fd int read_back = open("/file", O_RDONLY);
	cleanup_fd int by_fd = openat(it->root_fd, "file", O_RDONLY);
	bool has_root = it->root_fd >= 0;
	return (made >= 0) == it->is_writable && (read_back >= 0) == has_root &&
	       (by_fd >= 0) == has_root && is_refused(open("/etc/passwd", O_RDONLY)) &&
	       is_refused(open("/proc/self/status", O_RDONLY)) &&
	       is_refused(open("../../etc", O_RDONLY)) &&
	       is_refused(openat(it->root_fd, "../../etc", O_RDONLY)) && can_only_do_files();
}

static bool
holds_confined(const char *name, bool is_writable)
{
	struct confinement it = {.root_fd = -1, .is_writable = is_writable};

	step_init(&it.step);
	step_make_file(&it.step, "file", "text");
	if (name) {
		it.root_fd = open(it.step.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	bool is_good = holds_apart(confine_and_look, &it);
	is_good = is_good && (access(step_path(&it.step, "new"), F_OK) == 0) == is_writable;
	close(it.root_fd);
	step_done(&it.step);
	return is_good;
}

TEST(a_helper_with_a_readable_root_reads_it_and_nothing_else)
{
	CHECK(holds_confined("root", false));
}

TEST(a_helper_with_a_writable_root_writes_it_and_nothing_else)
{
	CHECK(holds_confined("root", true));
}

TEST(a_helper_without_a_root_has_no_files)
{
	CHECK(holds_confined(NULL, false));
}

static bool
makes_a_tree(void *argument)
{
	const int *fd = argument;
	const struct timespec times[2] = {{1, 0}, {1, 0}};

	return sandbox_confine(*fd, true, NULL) == 0 && mkdirat(*fd, "d", 0755) == 0 &&
	       fs_create_at(*fd, "d/f", 0755, "x", 1, NULL) == 0 &&
	       symlinkat("f", *fd, "d/l") == 0 && linkat(*fd, "d/f", *fd, "d/h", 0) == 0 &&
	       renameat(*fd, "d/h", *fd, "d/g") == 0 && utimensat(*fd, "d/f", times, 0) == 0 &&
	       fchmodat(*fd, "d", 0555, 0) == 0 &&
	       is_refused(mknodat(*fd, "n", S_IFCHR | 0666, 0x103));
}

TEST(a_helper_makes_what_a_tree_consists_of)
{
	cleanup_step struct step step;

	step_init(&step);
	cleanup_fd int fd = open(step.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(holds_apart(makes_a_tree, &fd));
	struct stat st;
	CHECK(stat(step_path(&step, "d/l"), &st) == 0 && st.st_mtime == 1 &&
		st.st_uid == geteuid());
}

static bool
starts_a_confined_one(void *unused)
{
	int ready[2];
	char byte;

	(void)unused;
	if (pipe2(ready, O_CLOEXEC) < 0) {
		return false;
	}
	pid_t pid = fork();
	if (pid == 0) {
		bool is_good = sandbox_confine(-1, false, NULL) == 0 && write(ready[1], "", 1) == 1;
		/* Longer than the test waits for its end; not for ever, should that not come. */
		_exit(is_good ? poll(NULL, 0, 30000) : 1);
	}
	close(ready[1]);
	return pid > 0 && read(ready[0], &byte, 1) == 1;
}

TEST(a_helper_ends_with_the_one_that_started_it)
{
	int ends[2];
	char byte;

	CHECK_OR_RETURN(pipe2(ends, O_CLOEXEC) == 0);
	CHECK(holds_apart(starts_a_confined_one, NULL));
	close(ends[1]);
	struct pollfd polled = {ends[0], POLLIN, 0};
	CHECK(poll(&polled, 1, 20000) == 1 && read(ends[0], &byte, 1) == 0);
	close(ends[0]);
}

/* Not where it can't be seen: only root may look at the namespaces of such a process. */
static bool
is_in_our_namespace(pid_t pid, const char *kind)
{
	cleanup_free char *own = mem_printf("/proc/self/ns/%s", kind);
	cleanup_free char *its = mem_printf("/proc/%d/ns/%s", (int)pid, kind);
	struct stat one, other;

	return stat(own, &one) == 0 && stat(its, &other) == 0 && one.st_ino == other.st_ino;
}

static bool
has_nothing(pid_t pid)
{
	static const char *const lines[] = {"CapInh:\t0000000000000000\n",
		"CapPrm:\t0000000000000000\n", "CapEff:\t0000000000000000\n",
		"CapBnd:\t0000000000000000\n", "CapAmb:\t0000000000000000\n", "NoNewPrivs:\t1\n",
		"Seccomp:\t2\n"};
	static const char *const kinds[] = {"user", "mnt", "net", "ipc", "uts"};
	cleanup_free char *path = mem_printf("/proc/%d/status", (int)pid);
	cleanup_buf struct buf text = {0};
	bool is_good = fs_read_at(AT_FDCWD, path, 1 << 16, &text, NULL) == 0;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		is_good = is_good && strstr(buf_text(&text), lines[i]);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		is_good = is_good && !is_in_our_namespace(pid, kinds[i]);
	}
	return is_good;
}

/* Does this hold of a process that has confined itself to root_fd, while it waits? */
static bool
holds_of_confined(int root_fd, bool (*look)(pid_t pid))
{
	int ready[2], hold[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(hold, O_CLOEXEC) < 0) {
		return false;
	}
	pid_t pid = fork();
	if (pid == 0) {
		close(hold[1]);
		bool is_good =
			sandbox_confine(root_fd, false, NULL) == 0 && write(ready[1], "", 1) == 1;
		_exit(is_good && read(hold[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(ready[1]);
	bool is_good = read(ready[0], &byte, 1) == 1 && look(pid);
	close(hold[1]);
	is_good = waitpid(pid, NULL, 0) == pid && is_good;
	close(ready[0]);
	close(hold[0]);
	return is_good;
}

TEST(a_helper_has_no_privileges_and_shares_no_namespace_of_the_hosts)
{
	CHECK(holds_of_confined(-1, has_nothing));
}

/* mountinfo, proc(5), which only root may look at here. */
static bool
has_a_harmless_root(pid_t pid)
{
	static const char mounts[] = " / ro,nosuid,nodev,noexec";
	cleanup_free char *path = mem_printf("/proc/%d/mountinfo", (int)pid);
	cleanup_buf struct buf text = {0};

	return fs_read_at(AT_FDCWD, path, 1 << 16, &text, NULL) < 0
		       ? geteuid() != 0
		       : strstr(buf_text(&text), mounts) &&
				 strchr(buf_text(&text), '\n')[1] == '\0';
}

TEST(a_helpers_root_is_one_mount_without_programs_and_devices)
{
	cleanup_step struct step step;

	step_init(&step);
	cleanup_fd int fd = open(step.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(holds_of_confined(fd, has_a_harmless_root));
}

static bool
is_closed(pid_t pid)
{
	cleanup_free char *path = mem_printf("/proc/%d/exe", (int)pid);
	char link[PATH_MAX];

	return is_refused(readlink(path, link, sizeof(link))) && errno == EACCES;
}

/* As an ordinary user, whom it takes a right to look into a process of their own. */
static bool
is_closed_to_its_user(void *unused)
{
	const unsigned id = 61234;

	(void)unused;
	return (geteuid() != 0 || (setgroups(0, NULL) == 0 && setresgid(id, id, id) == 0 &&
					  setresuid(id, id, id) == 0 &&
					  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0)) &&
	       holds_of_confined(-1, is_closed);
}

TEST(nobody_looks_into_a_helper_not_even_its_user)
{
	CHECK(holds_apart(is_closed_to_its_user, NULL));
}

static bool
another_directory_is_open(void *unused)
{
	struct err err = {0};
	cleanup_fd int other = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)unused;
	return sandbox_confine(-1, false, &err) == -1 && err.status == STATUS_SANDBOX &&
	       strstr(err.text, "directory");
}

TEST(a_helper_that_has_another_way_out_is_not_confined)
{
	CHECK(holds_apart(another_directory_is_open, NULL));
}

/* open(2), which C libraries have left for openat(2). */
static long
open_by_old_call(const char *path, int flags)
{
#ifdef SYS_open
	return syscall(SYS_open, path, flags);
#else
	(void)path, (void)flags;
	return -1;
#endif
}

static bool
reads_but_does_not_write(void *argument)
{
	struct step *step = argument;
	char byte;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0 || sandbox_confine_reader(&step->err) < 0) {
		printf("# %s\n", step->err.text);
		return false;
	}
	cleanup_fd int fd = open(step_path(step, "file"), O_RDONLY | O_CLOEXEC);
	free(malloc(100 << 20));
	return fd >= 0 && read(fd, &byte, 1) == 1 && write(ends[1], &byte, 1) == 1 &&
	       is_refused(open(step_path(step, "file"), O_WRONLY)) &&
	       is_refused(open(step_path(step, "file"), O_RDWR)) &&
	       is_refused(open(step_path(step, "file"), O_RDONLY | O_TRUNC)) &&
	       is_refused(open(step_path(step, "new"), O_RDONLY | O_CREAT, 0644)) &&
	       is_refused(open(step->dir, O_TMPFILE | O_RDWR, 0644)) &&
	       is_refused(open_by_old_call(step_path(step, "file"), O_WRONLY)) &&
	       is_refused(unlink(step_path(step, "file"))) &&
	       is_refused(mkdir(step_path(step, "d"), 0755)) &&
	       is_refused(chmod(step_path(step, "file"), 0600)) && is_kept_to_itself();
}

TEST(a_reader_reads_and_does_nothing_else)
{
	cleanup_step struct step step;

	step_init(&step);
	step_make_file(&step, "file", "text");
	CHECK(holds_apart(reads_but_does_not_write, &step));
}

TEST(a_reader_that_aborts_dies_by_SIGABRT)
{
	int status = 0;

	pid_t pid = fork();
	if (pid == 0) {
		if (sandbox_confine_reader(NULL) == 0) {
			abort();
		}
		_exit(1);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
		WTERMSIG(status) == SIGABRT);
}
