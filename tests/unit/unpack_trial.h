/* SPDX-License-Identifier: MIT */
/* One unpacking in this process: for unit/unpack.c and unit/unpack_hostile.c. Brings test.h. */
#ifndef BRUN_UNPACK_TRIAL_H
#define BRUN_UNPACK_TRIAL_H

#include "archive/archive.h"
#include "archive/receive.h"
#include "archive/unpack.h"

#include "archive_maker.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "test.h"

/* One unpacking: an archive, the scratch directory that it goes to, what came of it. */
struct trial {
	struct buf archive;
	struct unpack_options options;
	char base[64]; /* holds "to", and what must not be touched beside it */
	int to, result;
	struct tree tree; /* where result is 0 */
	struct err err;
};

static inline struct trial *
trial_new(void)
{
	struct trial *trial = mem_zalloc(1, sizeof(*trial));

	unpack_prepare();
	umask(0);
	/* In memory where there is such a place: some disks take a minute for 10^5 files. */
	strcpy(trial->base, access("/dev/shm", W_OK) == 0 ? "/dev/shm/brun-test-XXXXXX"
							  : "/tmp/brun-test-XXXXXX");
	trial->options = (struct unpack_options){.bytes = 1 << 20, .entries = 1000};
	if (!mkdtemp(trial->base)) {
		abort();
	}
	cleanup_fd int base = fs_open_dir(AT_FDCWD, trial->base, NULL);
	mkdirat(base, "to", 0755);
	fs_create_at(base, "outside", 0644, "untouched", 9, NULL);
	trial->to = fs_open_dir(base, "to", NULL);
	return trial;
}

/* An unpacking goes to an empty directory: that of the one before is thrown away. */
static inline void
trial_renew(struct trial *trial)
{
	cleanup_fd int base = fs_open_dir(AT_FDCWD, trial->base, NULL);

	close(trial->to);
	CHECK(fs_remove_at(base, "to", NULL) == 0 && mkdirat(base, "to", 0755) == 0);
	trial->to = fs_open_dir(base, "to", NULL);
}

static inline int
trial_run(struct trial *trial)
{
	const struct archive_limits limits = {trial->options.bytes, trial->options.entries};
	cleanup_fd int stream = memfd_create("stream", MFD_CLOEXEC);

	trial_renew(trial);
	tree_done(&trial->tree);
	trial->err = (struct err){0};
	(void)unpack_memory(
		trial->archive.data, trial->archive.length, stream, &trial->options, &trial->err);
	trial->err = (struct err){0};
	CHECK(lseek(stream, 0, SEEK_SET) == 0);
	int result = receive_tree(stream, trial->to, &limits, -1, &trial->tree, &trial->err);
	CHECK(result != 0);
	trial->result = result == 1 ? 0 : -1;
	return trial->result;
}

static inline void
trial_free(struct trial *trial)
{
	cleanup_fd int base = fs_open_dir(AT_FDCWD, trial->base, NULL);
	cleanup_buf struct buf outside = {0};

	CHECK(fs_read_at(base, "outside", 100, &outside, NULL) == 0);
	CHECK_TEXT(buf_text(&outside), "untouched");
	close(trial->to);
	tree_done(&trial->tree);
	CHECK(fs_remove_at(AT_FDCWD, trial->base, NULL) == 0);
	buf_done(&trial->archive);
	free(trial);
}

static inline void
trial_slot(struct trial **trial)
{
	trial_free(*trial);
}

#define TRIAL(name) __attribute__((cleanup(trial_slot))) struct trial *name = trial_new()

static inline bool
holds(struct trial *trial, const char *path, const char *text)
{
	cleanup_buf struct buf buf = {0};

	return fs_read_at(trial->to, path, 1 << 20, &buf, NULL) == 0 &&
	       strcmp(buf_text(&buf), text) == 0;
}

static inline mode_t
mode_of(struct trial *trial, const char *path)
{
	struct stat st;

	return fstatat(trial->to, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode : 0;
}

/* The archive so far is refused, with a message that has `text` in it. */
static inline bool
refused(struct trial *trial, enum status status, const char *text)
{
	tar_end(&trial->archive);
	trial_run(trial);
	bool is_so =
		trial->result == -1 && trial->err.status == status && strstr(trial->err.text, text);
	if (!is_so) {
		printf("# result %d, status %d: %s\n", trial->result, trial->err.status,
			trial->err.text);
	}
	return is_so;
}

static inline bool
unpacked(struct trial *trial)
{
	tar_end(&trial->archive);
	if (trial_run(trial) < 0) {
		printf("# status %d: %s\n", trial->err.status, trial->err.text);
	}
	/* What it says is there is what is there. */
	return trial->result == 0 && tree_verify(&trial->tree, trial->to, &trial->err) == 0;
}

static inline void
add_tree(struct buf *tar)
{
	tar_add(tar, '5', "./top/", "", 0755, "", 0);
	tar_file(tar, "./top/a", "one");
	tar_add(tar, '0', "top/b/run", "", 0755, "#!", 2);
	tar_add(tar, '2', "top/link", "/etc/absolute", 0777, "", 0);
	tar_add(tar, '1', "top/again", "top/a", 0644, "", 0);
	tar_file(tar, "top/empty", "");
}

static inline bool
holds_tree(struct trial *trial)
{
	struct stat a, again;
	char target[64] = "";

	return holds(trial, "top/a", "one") && holds(trial, "top/b/run", "#!") &&
	       holds(trial, "top/empty", "") && mode_of(trial, "top/a") == (S_IFREG | 0444) &&
	       mode_of(trial, "top/b/run") == (S_IFREG | 0555) &&
	       readlinkat(trial->to, "top/link", target, sizeof(target) - 1) > 0 &&
	       strcmp(target, "/etc/absolute") == 0 && fstatat(trial->to, "top/a", &a, 0) == 0 &&
	       fstatat(trial->to, "top/again", &again, 0) == 0 && a.st_ino == again.st_ino;
}

#endif
