/* SPDX-License-Identifier: MIT */
#include "host.h"

#include "reap.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name, *sysctl;
	unsigned long flag;
} kinds[] = {
	{"user", "user", 0}, /* first: all others need it */
	{"mount", "mnt", CLONE_NEWNS},
	{"pid", "pid", CLONE_NEWPID},
	{"ipc", "ipc", CLONE_NEWIPC},
	{"uts", "uts", CLONE_NEWUTS},
	{"network", "net", CLONE_NEWNET},
	{"cgroup", "cgroup", CLONE_NEWCGROUP},
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

const char *
host_refused_namespace(int *ret_number)
{
	for (size_t i = 0; i < KINDS; i++) {
		pid_t pid = (pid_t)syscall(
			SYS_clone, CLONE_NEWUSER | kinds[i].flag, NULL, NULL, NULL, 0);
		if (pid == 0) {
			_exit(0);
		}
		if (pid < 0) {
			*ret_number = errno;
			return kinds[i].name;
		}
		reap(pid);
	}
	return NULL;
}

/* The number in a file below /proc/sys; -1 where there is none. */
static long
setting(const char *path)
{
	cleanup_buf struct buf text = {0};

	return fs_read_at(AT_FDCWD, path, 4096, &text, NULL) < 0
		       ? -1
		       : strtol(buf_text(&text), NULL, 10);
}

static bool
is_in_container(void)
{
	return access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0 ||
	       getenv("container");
}

/* Does a filter of somebody's stand between us and the kernel? */
static bool
is_filtered(void)
{
	cleanup_buf struct buf text = {0};

	return fs_read_at(AT_FDCWD, "/proc/self/status", 1 << 16, &text, NULL) == 0 &&
	       strstr(buf_text(&text), "Seccomp:\t2") != NULL;
}

/* Its first process bears our name (title.h). */
static bool
is_in_step(void)
{
	cleanup_buf struct buf text = {0};

	return fs_read_at(AT_FDCWD, "/proc/1/cmdline", 4096, &text, NULL) == 0 &&
	       strcmp(buf_text(&text), "brun") == 0;
}

static bool
advise_sysctl(const char *name, long bad, const char *good, struct err *err)
{
	char path[128];
	size_t prefix = strlen("/proc/sys/");

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	for (char *at = path + prefix; *at; at++) {
		*at = *at == '.' ? '/' : *at;
	}
	if (setting(path) != bad) {
		return false;
	}
	err_hint(err,
		"the setting %s is %ld here. As root: sysctl -w %s=%s (and a line '%s = %s' in "
		"/etc/sysctl.d/60-brun.conf keeps it)",
		name, bad, name, good, name, good);
	return true;
}

static bool
advise_apparmor(struct err *err)
{
	return geteuid() != 0 &&
	       advise_sysctl("kernel.apparmor_restrict_unprivileged_userns", 1, "0", err);
}

static void
advise_container(const char *docker, const char *podman, struct err *err)
{
	err_hint(err, "%s, start it with %s (docker) or %s (podman)",
		is_in_container() ? "as this is a container" : "if this is a container", docker,
		podman);
}

static void
advise_count(const char *kind, struct err *err)
{
	for (size_t i = 0; i < KINDS; i++) {
		char name[64];
		if (kind && strcmp(kind, kinds[i].name) != 0) {
			continue;
		}
		snprintf(name, sizeof(name), "user.max_%s_namespaces", kinds[i].sysctl);
		if (advise_sysctl(name, 0, "15000", err)) {
			return;
		}
	}
	err_hint(err,
		"a limit on the number of namespaces was reached: see the settings "
		"user.max_*_namespaces (sysctl -a), here and in the containers around this one");
}

/* Nothing that can be read says who it was. */
static void
advise_denied(struct err *err)
{
	bool is_by_filter = is_filtered();
	if (is_by_filter && is_in_step()) {
		err_hint(err,
			"this is a step of brun: no step makes namespaces of its own, so that "
			"none has more of the kernel than it needs. Build outside of it, and give "
			"the step what comes of that (deps, src)");
		return;
	}
	if (is_by_filter || is_in_container()) {
		advise_container("--security-opt seccomp=unconfined --security-opt "
				 "apparmor=unconfined --security-opt systempaths=unconfined",
			"--security-opt seccomp=unconfined --security-opt unmask=ALL", err);
	}
	if (!is_by_filter) {
		err_hint(err,
			"if this process runs in a chroot: Linux makes no user namespaces there "
			"(user_namespaces(7)); enter the directory by pivot_root instead "
			"(systemd-nspawn, bwrap, a container)");
		err_hint(err, "if not, a security module is in the way: the kernel log (dmesg, "
			      "journalctl -k) names it");
	}
}

static void
advise_clone(int number, const char *kind, struct err *err)
{
	if (number == ENOSPC) {
		advise_count(kind, err);
	} else if (number == EUSERS) {
		err_hint(
			err, "user namespaces are nested too deeply: leave some of the containers");
	} else if (number == EINVAL || number == ENOSYS) {
		err_hint(err, "this kernel was built without them (CONFIG_USER_NS, CONFIG_PID_NS, "
			      "CONFIG_NET_NS, CONFIG_IPC_NS, CONFIG_UTS_NS, CONFIG_CGROUPS)");
	} else if (number == EAGAIN || number == ENOMEM) {
		err_hint(err, "too many processes, or too little memory: see ulimit -u and free");
	} else if (advise_sysctl("kernel.unprivileged_userns_clone", 0, "1", err) ||
		   advise_apparmor(err)) {
		return;
	} else {
		advise_denied(err);
	}
}

static void
advise_devices(struct err *err)
{
	err_hint(err, "the host's /dev needs null, zero, full, random, urandom and tty, on a mount "
		      "without nodev");
}

static void
advise_mount(enum stage stage, int number, struct err *err)
{
	if (number == ENOSYS) {
		err_hint(err, "Linux 4.18 or newer is needed; uname -r tells what runs here");
	} else if (number == ENOSPC) {
		err_hint(err, "see the setting fs.mount-max: a namespace may not have more mounts");
	} else if (stage == STAGE_PIVOT && number == EINVAL) {
		err_hint(err, "the root directory is not a mount that can be left (an initramfs): "
			      "mount a tmpfs or a disk and switch_root to it first");
	} else if (advise_apparmor(err)) {
		return;
	} else if (stage == STAGE_PROC && number == ENOENT) {
		advise_devices(err);
	} else if (stage == STAGE_PROC && (number == EPERM || number == EACCES)) {
		err_hint(err,
			"parts of this host's /proc are covered by other mounts, so Linux gives "
			"no fresh one to a user namespace: findmnt -R /proc lists them");
		advise_container(
			"--security-opt systempaths=unconfined", "--security-opt unmask=ALL", err);
	} else if (is_in_container()) {
		advise_container(
			"--security-opt seccomp=unconfined --security-opt apparmor=unconfined",
			"--security-opt seccomp=unconfined --security-opt label=disable", err);
	} else {
		err_hint(err,
			"a security module may be in the way: the kernel log (dmesg, journalctl -k) "
			"names it");
	}
}

void
host_advise(enum stage stage, int number, const char *namespace_kind, struct err *err)
{
	switch (stage) {
	case STAGE_CLONE:
		advise_clone(number, namespace_kind, err);
		break;
	case STAGE_MAP:
		if (number == ENOENT || number == EROFS) {
			err_hint(err,
				"/proc is not mounted here, or read-only, or shows other processes: "
				"mount -t proc proc /proc");
		} else if (!advise_apparmor(err)) {
			advise_clone(EPERM, "user", err);
		}
		break;
	case STAGE_DEV:
		if (number == ENOENT || number == EACCES) {
			advise_devices(err);
		} else {
			advise_mount(stage, number, err);
		}
		break;
	case STAGE_FILTER:
		err_hint(err,
			"this kernel was built without CONFIG_SECCOMP_FILTER, or a process around "
			"this one forbids filters");
		break;
	case STAGE_FORK:
	case STAGE_LIMITS:
		err_hint(err, "see ulimit -u -v, and whether memory is left");
		break;
	default:
		advise_mount(stage, number, err);
		break;
	}
}
