/* SPDX-License-Identifier: MIT */
#include "inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void
write_input(const char *argument)
{
	const struct timespec times[2] = {{1, 0}, {1, 0}};
	int fd = open("/input/file", O_RDONLY);

	(void)argument;
	must_be(fd >= 0, "/input/file can be read");
	must_fail(open("/input/file", O_WRONLY), "open for writing");
	must_fail(open("/proc/self/fd/3", O_RDWR), "open for writing through /proc/self/fd");
	must_fail(open("/input/new", O_WRONLY | O_CREAT, 0644), "create");
	must_fail(open("/input", O_TMPFILE | O_RDWR, 0644), "O_TMPFILE");
	must_fail(truncate("/input/file", 0), "truncate");
	must_fail(unlink("/input/file"), "unlink");
	must_fail(rename("/input/file", "/input/other"), "rename");
	must_fail(rename("/build", "/input/dir"), "rename over");
	must_fail(link("/input/file", "/build/link"), "link into a writable directory");
	must_fail(linkat(fd, "", AT_FDCWD, "/build/link", AT_EMPTY_PATH), "link by descriptor");
	must_fail(chmod("/input/file", 0777), "chmod");
	must_fail(fchmod(fd, 0777), "fchmod");
	must_fail(utimensat(AT_FDCWD, "/input/file", times, 0), "utimensat");
	must_fail(setxattr("/input/file", "user.x", "y", 1, 0), "setxattr");
	must_fail(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0, "mmap");
}

static void
remount(const char *argument)
{
	(void)argument;
	must_fail(mount(NULL, "/input", NULL, MS_REMOUNT | MS_BIND, NULL), "remount writable");
	must_fail(mount("tmpfs", "/build", "tmpfs", 0, NULL), "mount a tmpfs");
	must_fail(mount("proc", "/build", "proc", 0, NULL), "mount another /proc");
	must_fail(mount("/build", "/input", NULL, MS_BIND, NULL), "bind");
	must_fail(umount2("/proc/keys", MNT_DETACH), "unmask a file of /proc");
	must_fail(umount2("/proc", MNT_DETACH), "unmount /proc");
	must_fail(syscall(SYS_pivot_root, "/build", "/build"), "pivot_root");
	must_fail(chroot("/build"), "chroot");
	must_fail(syscall(SYS_fsopen, "tmpfs", 0), "fsopen");
	must_fail(syscall(SYS_open_tree, AT_FDCWD, "/input", 1), "open_tree");
	must_fail(syscall(442, AT_FDCWD, "/input", 0, NULL, 0), "mount_setattr");
}

static void
leave_root(const char *argument)
{
	struct stat root, up;
	struct {
		struct file_handle handle;
		unsigned char bytes[128];
	} handle = {.handle.handle_bytes = 128};
	int id;

	(void)argument;
	must_be(stat("/", &root) == 0 && stat("/../..", &up) == 0 && root.st_ino == up.st_ino &&
			root.st_dev == up.st_dev,
		"'/../..' is '/'");
	must_be(stat("/proc/self/root/..", &up) == 0 && root.st_ino == up.st_ino, "nor by /proc");
	must_fail(access("/proc/1/root/.", F_OK), "reach into /proc/1/root");
	must_fail(access("/proc/1/cwd/.", F_OK), "reach into /proc/1/cwd");
	if (name_to_handle_at(AT_FDCWD, "/input/file", &handle.handle, &id, 0) == 0) {
		int dir = open("/build", O_RDONLY | O_DIRECTORY);
		must_fail(open_by_handle_at(dir, &handle.handle, O_RDONLY), "open_by_handle_at");
	}
}

static void
leaked_descriptors(const char *argument)
{
	(void)argument;
	for (int fd = 3; fd < 65536; fd++) {
		must_fail(fcntl(fd, F_GETFD), "descriptor %d is open", fd);
	}
	must_fail(access("/proc/self/fd/0/..", F_OK), "stdin is a directory");
}

static void
set_id(const char *argument)
{
	int status = -1;

	(void)argument;
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open("/build/set-id", O_WRONLY | O_CREAT | O_TRUNC, 06755);
	char chunk[65536];
	for (ssize_t got; (got = read(from, chunk, sizeof(chunk))) > 0;) {
		must_be(write(to, chunk, (size_t)got) == got, "the copy is written");
	}
	fchmod(to, 06755);
	close(to);
	pid_t pid = fork();
	if (pid == 0) {
		execl("/build/set-id", "set-id", "identity", NULL);
		_exit(2);
	}
	must_be(waitpid(pid, &status, 0) == pid && status == 0, "the set-id copy gains nothing");
	must_fail(setxattr("/build/set-id", "security.capability",
			  "\0\0\0\2\377\377\377\377\0\0\0\0\0\0\0\0\0\0\0\0", 20, 0),
		"give a file capabilities");
}

static void
identity(const char *argument)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct all[2] = {{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}};

	(void)argument;
	must_be(getuid() == 1000 && geteuid() == 1000 && getgid() == 1000 && getegid() == 1000,
		"all ids are 1000");
	must_fail(setuid(0), "setuid(0)");
	must_fail(setresuid(0, 0, 0), "setresuid(0)");
	must_fail(setgid(0), "setgid(0)");
	must_fail(syscall(SYS_setgroups, 0, NULL), "setgroups");
	must_fail(syscall(SYS_capset, &header, all), "capset");
}

static void
make_nodes(const char *argument)
{
	(void)argument;
	must_fail(mknod("/build/mem", S_IFCHR | 0666, makedev(1, 1)), "a node for /dev/mem");
	must_fail(mknod("/build/sda", S_IFBLK | 0666, makedev(8, 0)), "a node for a disk");
	must_fail(mknod("/dev/kmsg", S_IFCHR | 0666, makedev(1, 11)), "a node in /dev");
	must_fail(mknod("/dev/shm/kmsg", S_IFCHR | 0666, makedev(1, 11)), "a node in /dev/shm");
}

static void
change_devices(const char *argument)
{
	static const char *const nodes[] = {
		"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};

	(void)argument;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		must_fail(chmod(nodes[i], 0666), "chmod %s", nodes[i]);
		must_fail(unlink(nodes[i]), "unlink %s", nodes[i]);
		must_fail(utimensat(AT_FDCWD, nodes[i], NULL, 0), "touch %s", nodes[i]);
	}
	must_fail(fchmod(0, 0666), "chmod the host's null device through stdin");
}

/* Opens all below dir for writing; what opens is a hole. */
static void
open_all(const char *dir)
{
	DIR *list = opendir(dir);

	for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
		char path[4096];
		if (entry->d_name[0] == '.' || (size_t)snprintf(path, sizeof(path), "%s/%s", dir,
						       entry->d_name) >= sizeof(path)) {
			continue;
		}
		if (entry->d_type == DT_DIR) {
			open_all(path);
		} else {
			must_fail(open(path, O_WRONLY | O_NONBLOCK), "open %s for writing", path);
		}
	}
	if (list) {
		closedir(list);
	}
}

static void
kernel_settings(const char *argument)
{
	(void)argument;
	open_all("/proc/sys");
	must_fail(open("/proc/sysrq-trigger", O_WRONLY), "open sysrq-trigger");
	must_fail(open("/proc/sys/kernel/core_pattern", O_WRONLY), "open core_pattern");
	must_fail(access("/sys/fs/cgroup", F_OK), "see /sys");
	must_fail(open("/proc/self/oom_score_adj", O_WRONLY), "change the oom killer's choice");
}

static void
replace_programs(const char *argument)
{
	(void)argument;
	must_fail(open("/proc/1/exe", O_RDONLY), "open the program of pid 1");
	must_fail(open("/proc/1/exe", O_WRONLY), "open the program of pid 1 for writing");
	must_fail(open("/proc/self/exe", O_WRONLY), "open an input's program for writing");
}

static void
host_secrets(const char *argument)
{
	static const char *const files[] = {"/proc/1/environ", "/proc/1/mem", "/proc/1/maps",
		"/proc/1/auxv", "/proc/1/fd/1", "/proc/1/stack", "/proc/1/syscall"};
	char byte;

	(void)argument;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		int fd = open(files[i], O_RDONLY);
		must_fail(fd < 0 ? -1 : read(fd, &byte, 1) > 0 ? 0 : -1, "read %s", files[i]);
	}
	for (int i = 0; i < 7; i++) {
		static const char *const masked[] = {"kcore", "keys", "kmsg", "timer_list",
			"kpageflags", "slabinfo", "vmallocinfo"};
		char path[64];
		snprintf(path, sizeof(path), "/proc/%s", masked[i]);
		int fd = open(path, O_RDONLY | O_NONBLOCK);
		must_fail(fd < 0 ? -1 : read(fd, &byte, 1) > 0 ? 0 : -1, "read %s", path);
	}
}

const struct attack attacks_on_files[] = {
	{"write-input", "writes into an input in a dozen ways", "an error each time",
		"MS_BIND|MS_RDONLY in one mount(2) is writable; the step has the store owner's uid",
		write_input},
	{"remount", "remounts an input, mounts and unmounts", "an error each time",
		"nothing but the mount is what protects inputs", remount},
	{"leave-root", "climbs out by '..', /proc/1/root and file handles",
		"its own root, or an error",
		"open_by_handle_at: the container escape of 2014 (shocker)", leave_root},
	{"leaked-descriptors", "looks for descriptors of the caller", "none from 3 up",
		"CVE-2024-21626: a leaked directory descriptor of runc", leaked_descriptors},
	{"set-id", "runs a set-id copy of itself, gives it file capabilities",
		"no other id, an error", "open(O_CREAT, 04755) passes the usual filters", set_id},
	{"identity", "asks for ids and capabilities", "an error each time",
		"no_new_privs, empty sets", identity},
	{"make-nodes", "makes device nodes", "an error each time",
		"no CAP_MKNOD in the host's namespace", make_nodes},
	{"change-devices", "changes the host's device nodes", "an error each time",
		"a step of root's brun owns them outside", change_devices},
	{"kernel-settings", "opens all of /proc/sys and sysrq-trigger for writing",
		"an error each time", "sysctl asks for the kernel's root uid, not for a capability",
		kernel_settings},
	{"replace-programs", "opens programs for writing through /proc", "an error each time",
		"CVE-2019-5736: runc overwritten through /proc/self/exe", replace_programs},
	{"host-secrets", "reads pid 1's memory and environment, and /proc's own files", "nothing",
		"a pid 1 that dropped its capabilities and stayed dumpable shows them",
		host_secrets},
	{0},
};
