/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* FNV-1a */
static uint64_t
mix(uint64_t hash, const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		hash = (hash ^ (unsigned char)data[i]) * 0x100000001b3;
	}
	return hash;
}

static uint64_t
hash_file(int dir, const char *name)
{
	char chunk[65536];
	uint64_t hash = 0xcbf29ce484222325;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME | O_CLOEXEC);

	for (ssize_t got; fd >= 0 && (got = read(fd, chunk, sizeof(chunk))) > 0;) {
		hash = mix(hash, chunk, (size_t)got);
	}
	close(fd);
	return hash;
}

static uint64_t
hash_attributes(const char *path)
{
	char names[4096], value[4096];
	uint64_t hash = 0;
	ssize_t length = llistxattr(path, names, sizeof(names));

	for (char *name = names; length > 0 && name < names + length; name += strlen(name) + 1) {
		ssize_t size = lgetxattr(path, name, value, sizeof(value));
		hash = mix(mix(hash, name, strlen(name)), value, size > 0 ? (size_t)size : 0);
	}
	return hash;
}

static void
describe_file(FILE *to, int dir, const char *name, const char *path, const struct stat *st)
{
	char target[4096] = "";

	if (S_ISLNK(st->st_mode)) {
		ssize_t length = readlinkat(dir, name, target, sizeof(target) - 1);
		target[length > 0 ? length : 0] = '\0';
	}
	fprintf(to, "%s %o %u:%u %lu %lu %lld %lld.%09ld %lld.%09ld %lx %lx %s\n", path,
		st->st_mode, st->st_uid, st->st_gid, (unsigned long)st->st_nlink,
		(unsigned long)st->st_ino, (long long)st->st_size, (long long)st->st_mtim.tv_sec,
		st->st_mtim.tv_nsec, (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec,
		S_ISREG(st->st_mode) ? (unsigned long)hash_file(dir, name) : 0,
		(unsigned long)hash_attributes(path), target);
}

void
state_files(FILE *to, const char *dir)
{
	struct dirent **names;
	int count = scandir(dir, &names, NULL, alphasort);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;
		char path[4096];
		struct stat st;
		snprintf(path, sizeof(path), "%s/%s", dir, name);
		if (strcmp(name, "..") != 0 && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			describe_file(to, fd, name, path, &st);
			if (S_ISDIR(st.st_mode) && strcmp(name, ".") != 0) {
				state_files(to, path);
			}
		}
		free(names[i]);
	}
	if (count >= 0) {
		free(names);
	}
	close(fd);
}

/* Prints the lines of a file that begin with one of the names; all lines where names is NULL. */
static void
copy_lines(FILE *to, const char *path, const char *const *names)
{
	char line[1024];
	FILE *from = fopen(path, "re");

	while (from && fgets(line, sizeof(line), from)) {
		bool is_wanted = !names;
		for (size_t i = 0; names && names[i]; i++) {
			is_wanted = is_wanted || strncmp(line, names[i], strlen(names[i])) == 0;
		}
		if (is_wanted) {
			fprintf(to, "%s: %s", path, line);
		}
	}
	if (from) {
		fclose(from);
	} else {
		fprintf(to, "%s: %s\n", path, strerrorname_np(errno));
	}
}

void
state_process(FILE *to, pid_t pid)
{
	static const char *const wanted[] = {"Name:", "State:\tT", "State:\tt", "State:\tZ",
		"TracerPid:", "Uid:", "Gid:", "SigPnd:", "ShdPnd:", "SigBlk:", "NoNewPrivs:",
		"Seccomp:", "Cpus_allowed:", NULL};
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	copy_lines(to, path, wanted);
	snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
	copy_lines(to, path, NULL);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	copy_lines(to, path, NULL);
	fprintf(to, "process: nice %d policy %d ioprio %ld\n", getpriority(PRIO_PROCESS, pid),
		sched_getscheduler(pid), syscall(SYS_ioprio_get, 1, pid));
}

static void
describe_devices(FILE *to)
{
	static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};

	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		char path[32];
		struct stat st;
		snprintf(path, sizeof(path), "/dev/%s", nodes[i]);
		if (stat(path, &st) == 0) {
			fprintf(to, "%s %o %u:%u %lx\n", path, st.st_mode, st.st_uid, st.st_gid,
				(unsigned long)st.st_rdev);
		}
	}
}

void
state_host(FILE *to, const char *dir)
{
	static const char *const settings[] = {"core_pattern", "core_uses_pid", "hostname",
		"domainname", "pid_max", "threads-max", "modprobe", "panic", "sysrq", "shmmax",
		"shmall", "msgmni", "sem", "randomize_va_space", "kptr_restrict", "dmesg_restrict",
		"unprivileged_bpf_disabled", "perf_event_paranoid", "hotplug", "poweroff_cmd",
		"printk"};
	char line[4096];

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/sys/kernel/%s", settings[i]);
		copy_lines(to, path, NULL);
	}
	copy_lines(to, "/proc/sys/user/max_user_namespaces", NULL);
	copy_lines(to, "/proc/sys/fs/suid_dumpable", NULL);
	copy_lines(to, "/proc/swaps", NULL);
	describe_devices(to);
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	while (mounts && fgets(line, sizeof(line), mounts)) {
		if (strstr(line, dir)) {
			fprintf(to, "mount: %s", line);
		}
	}
	if (mounts) {
		fclose(mounts);
	}
}

static bool
file_holds(int dir, const char *name, const char *bytes, size_t length)
{
	struct stat st;
	bool is_found = false;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
		st.st_size < 64 << 20) {
		void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		is_found = map != MAP_FAILED && memmem(map, (size_t)st.st_size, bytes, length);
		munmap(map, (size_t)st.st_size);
	}
	close(fd);
	return is_found;
}

bool
state_holds(const char *dir, const char *bytes, size_t length)
{
	DIR *list = opendir(dir);
	bool is_found = false;

	for (struct dirent *entry; list && (entry = readdir(list)) != NULL && !is_found;) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
			strcmp(entry->d_name, "..") != 0) {
			is_found = state_holds(path, bytes, length);
		} else if (entry->d_type == DT_REG) {
			is_found = file_holds(dirfd(list), entry->d_name, bytes, length);
		}
	}
	if (list) {
		closedir(list);
	}
	return is_found;
}
