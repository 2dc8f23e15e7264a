/* SPDX-License-Identifier: MIT */
#include "store/store_examine.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "host/mounted.h"
#include "store/store.h"
#include "store/store_tmp.h"
#include "text/amount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct examination {
	finding_fn *report;
	void *context;
	struct store *store;
	int dir; /* a directory of our own in it */
	const char *first_refused;
};

/* The toolchain's packages, the base made of them and a large package's sources. */
static const uint64_t little_space = UINT64_C(3) << 30;
enum { FEW_INODES = 100000 };

static int
sealed_file(const struct examination *examination)
{
	cleanup_fd int fd =
		openat(examination->dir, "file", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, "#!/bin/sh\n", 10) != 10 || fchmod(fd, 0555) < 0) {
		return -1;
	}
	return fsync(fd);
}

static int
link_to_nowhere(const struct examination *examination)
{
	return symlinkat("nowhere", examination->dir, "link");
}

static int
case_matters(const struct examination *examination)
{
	if (faccessat(examination->dir, "FILE", F_OK, 0) == 0) {
		errno = EEXIST;
		return -1;
	}
	return 0;
}

/* Programs of the store are run in steps. */
static int
programs_run(const struct examination *examination)
{
	struct statvfs fs;

	if (fstatvfs(examination->dir, &fs) < 0) {
		return -1;
	}
	if (fs.f_flag & ST_NOEXEC) {
		errno = EACCES;
		return -1;
	}
	return 0;
}

/* Does a second opening of a file see the lock of the first? */
static int
locks_exclude(const struct examination *examination)
{
	cleanup_fd int one = openat(examination->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	cleanup_fd int two = openat(examination->dir, "lock", O_RDWR | O_CLOEXEC);

	if (one < 0 || two < 0 || flock(one, LOCK_EX | LOCK_NB) < 0) {
		return -1;
	}
	if (flock(two, LOCK_EX | LOCK_NB) == 0) {
		errno = ENOLCK;
		return -1;
	}
	return errno == EWOULDBLOCK ? 0 : -1;
}

static int
rename_exchanges(const struct examination *examination)
{
	int dir = examination->dir;

	if (mkdirat(dir, "one", 0700) < 0 || mkdirat(dir, "two", 0700) < 0) {
		return -1;
	}
	return renameat2(dir, "one", dir, "two", RENAME_EXCHANGE);
}

static int
files_share_blocks(const struct examination *examination)
{
	cleanup_fd int from = openat(examination->dir, "file", O_RDONLY | O_CLOEXEC);
	cleanup_fd int to = openat(examination->dir, "copy", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return from < 0 || to < 0 ? -1 : ioctl(to, FICLONE, from);
}

static const struct trial {
	const char *name;
	int (*body)(const struct examination *examination); /* -1 and errno */
	const char *advice;				    /* what to do where it is refused */
	const char *without; /* what is lost; NULL: the store can't be used */
} trials[] = {
	{"store: files", sealed_file,
		"make room, or set BRUN_STORE to a directory on a disk that can be written to",
		NULL},
	{"store: symbolic links", link_to_nowhere,
		"set BRUN_STORE to a directory on a Linux file system (ext4, xfs, btrfs)", NULL},
	{"store: upper and lower case", case_matters,
		"names that differ in case are one there: set BRUN_STORE to a directory without "
		"case folding (chattr -F)",
		NULL},
	{"store: programs", programs_run,
		"the file system is mounted noexec: mount -o remount,exec it, or set BRUN_STORE to "
		"another",
		NULL},
	{"store: flock", locks_exclude,
		"set BRUN_STORE to a directory on a local disk (on NFS: mount without nolock)",
		NULL},
	{"store: rename exchange", rename_exchanges, "",
		"an output directory on this file system is away for a moment while it is "
		"replaced"},
	{"store: reflinks", files_share_blocks, "",
		"an output takes space of its own, and time to copy (btrfs and xfs have them)"},
};

static void
tell(struct examination *examination, const struct finding *finding)
{
	if (finding->verdict == FINDING_REFUSED && !examination->first_refused) {
		examination->first_refused = finding->name;
	}
	examination->report(examination->context, finding);
}

static void
examine(struct examination *examination, const struct trial *trial)
{
	struct finding finding = {.name = trial->name, .note = "", .advice = ""};

	if (trial->body(examination) < 0) {
		finding.number = errno;
		finding.verdict = trial->without ? FINDING_DEGRADED : FINDING_REFUSED;
		finding.note = trial->without ? trial->without : "";
		finding.advice = trial->advice;
	}
	tell(examination, &finding);
}

static void
examine_space(struct examination *examination)
{
	struct statvfs fs;
	cleanup_buf struct buf note = {0};
	struct finding finding = {.name = "store: free space", .advice = ""};

	if (fstatvfs(examination->dir, &fs) < 0) {
		return;
	}
	uint64_t space = (uint64_t)fs.f_bavail * fs.f_frsize;
	amount_add_bytes(&note, space);
	/* btrfs and others that make inodes as they go count none */
	if (fs.f_files) {
		buf_printf(&note, ", %llu inodes", (unsigned long long)fs.f_favail);
	}
	if (space < little_space || (fs.f_files && fs.f_favail < FEW_INODES)) {
		finding.verdict = FINDING_DEGRADED;
		finding.advice = "builds may run out of it: make room, or set BRUN_STORE to a "
				 "directory on another disk";
	}
	finding.note = buf_text(&note);
	tell(examination, &finding);
}

static void
describe_mount(struct examination *examination)
{
	cleanup_buf struct buf note = {0};
	struct finding finding = {.name = "store: file system", .advice = ""};

	mounted_add(examination->dir, &note);
	finding.note = note.length ? buf_text(&note) : "its kind can't be told";
	tell(examination, &finding);
}

static int
examine_file_system(struct examination *examination, struct err *err)
{
	struct store_tmp tmp;

	if (store_tmp_new(examination->store, &tmp, err) < 0) {
		return -1;
	}
	examination->dir = tmp.fd;
	describe_mount(examination);
	for (size_t i = 0; i < sizeof(trials) / sizeof(*trials); i++) {
		examine(examination, &trials[i]);
	}
	examine_space(examination);
	store_tmp_free(examination->store, &tmp);
	return examination->first_refused
		       ? err_fail(err, STATUS_STORE, "the store '%s' can't be used: %s",
				 store_path(examination->store), examination->first_refused)
		       : 0;
}

static void
tell_opened(struct examination *examination, const struct err *problem)
{
	const char *store = examination->store ? store_path(examination->store) : "";
	const char *hints = strchr(problem->text, '\n');
	cleanup_free char *first = mem_strndup(problem->text, strcspn(problem->text, "\n"));
	const struct finding finding = {
		.name = "store",
		.verdict = examination->store ? FINDING_OK : FINDING_REFUSED,
		.number = problem->number,
		.note = examination->store ? store : first,
		.advice = hints ? hints + 1
			  : examination->store
				  ? ""
				  : "set BRUN_STORE to a directory that you can write to",
	};

	tell(examination, &finding);
}

int
store_examine(const char *path, finding_fn *report, void *context, struct err *err)
{
	struct examination examination = {.report = report, .context = context};
	struct err problem = {0};

	(void)store_open(path, &examination.store, &problem);
	tell_opened(&examination, &problem);
	if (!examination.store) {
		return err_fail(err, STATUS_STORE, "%s", problem.text);
	}
	int result = examine_file_system(&examination, err);
	store_close(examination.store);
	return result;
}
