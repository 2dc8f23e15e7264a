/* SPDX-License-Identifier: MIT */
#include "archive/contents.h"

#include "base/err.h"
#include "base/mem.h"
#include "text/printable.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <unistd.h>

int
contents_complain(struct archive *archive, const char *what, struct err *err)
{
	const char *said = archive_error_string(archive);
	cleanup_free char *shown = printable_name(said ? said : "unknown error");

	return err_fail(err, STATUS_SOURCE, "%s: %s", what, shown);
}

static int
over_budget(const struct contents_budget *budget, const char *path, struct err *err)
{
	cleanup_free char *shown = printable_name(path);

	return err_fail(err, STATUS_LIMIT,
		"the archive unpacks to more than %" PRIu64 " bytes (at member '%s')", budget->most,
		shown);
}

static int
not_written(int number, const char *path, struct err *err)
{
	cleanup_free char *shown = printable_name(path);

	return err_set(err, number, "writing '%s'", shown);
}

static int
not_readable(struct archive *archive, const char *path, struct err *err)
{
	cleanup_free char *shown = printable_name(path);

	contents_complain(archive, "its contents", err);
	return err_wrap(err, "member '%s'", shown);
}

static bool
write_at(int fd, const char *data, size_t size, int64_t offset)
{
	while (size > 0) {
		ssize_t wrote = pwrite(fd, data, size, offset);
		if (wrote < 0 && errno == EINTR) {
			continue;
		}
		if (wrote < 0) {
			return false;
		}
		data += wrote;
		size -= (size_t)wrote;
		offset += wrote;
	}
	return true;
}

/* *ret_end is the offset behind the last byte. */
static int
copy_blocks(struct archive *archive, int fd, const char *path, const struct contents_budget *budget,
	uint64_t *ret_end, struct err *err)
{
	uint64_t end = 0;

	for (;;) {
		const void *data;
		size_t size;
		int64_t offset;
		int result = archive_read_data_block(archive, &data, &size, &offset);
		if (result == ARCHIVE_EOF) {
			*ret_end = end;
			return 0;
		}
		if (result != ARCHIVE_OK || offset < 0) {
			return not_readable(archive, path, err);
		}
		if (size > budget->left || (uint64_t)offset > budget->left - size) {
			return over_budget(budget, path, err);
		}
		if (fd >= 0 && !write_at(fd, data, size, offset)) {
			return not_written(errno, path, err);
		}
		end = (uint64_t)offset + size > end ? (uint64_t)offset + size : end;
	}
}

int
contents_copy(struct archive *archive, struct archive_entry *entry, int fd, const char *path,
	struct contents_budget *budget, struct err *err)
{
	uint64_t end = 0;
	bool has_size = entry && archive_entry_size_is_set(entry);
	int64_t size = has_size ? archive_entry_size(entry) : 0;

	if (size < 0 || (uint64_t)size > budget->left) {
		return over_budget(budget, path, err);
	}
	if (copy_blocks(archive, fd, path, budget, &end, err) < 0) {
		return -1;
	}
	if ((uint64_t)size > end) {
		if (fd >= 0 && ftruncate(fd, size) < 0) {
			return not_written(errno, path, err);
		}
		end = (uint64_t)size;
	}
	budget->left -= end;
	return 0;
}
