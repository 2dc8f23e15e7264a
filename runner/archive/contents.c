/* SPDX-License-Identifier: MIT */
#include "archive/contents.h"

#include "archive/parcel.h"
#include "base/err.h"
#include "base/mem.h"
#include "text/printable.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

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
not_sent(const char *path, struct err *err)
{
	cleanup_free char *shown = printable_name(path);

	return err_set(err, errno, "passing '%s' on", shown);
}

static int
not_readable(struct archive *archive, const char *path, struct err *err)
{
	cleanup_free char *shown = printable_name(path);

	contents_complain(archive, "its contents", err);
	return err_wrap(err, "member '%s'", shown);
}

/* *end is the offset behind the last byte so far. */
static int
send_block(struct parcel_writer *to, const char *path, const void *data, size_t size,
	uint64_t offset, uint64_t *end, struct err *err)
{
	if (offset < *end) {
		cleanup_free char *shown = printable_name(path);
		return err_fail(err, STATUS_SOURCE, "member '%s': its contents overlap", shown);
	}
	if (to && (parcel_put_hole(to, offset - *end) < 0 || parcel_put_data(to, data, size) < 0)) {
		return not_sent(path, err);
	}
	*end = offset + size;
	return 0;
}

/* *ret_end is the offset behind the last byte that was sent. */
static int
copy_blocks(struct archive *archive, struct parcel_writer *to, const char *path,
	const struct contents_budget *budget, uint64_t *ret_end, struct err *err)
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
		if (size > 0 && send_block(to, path, data, size, (uint64_t)offset, &end, err) < 0) {
			return -1;
		}
	}
}

int
contents_copy(struct archive *archive, struct archive_entry *entry, struct parcel_writer *to,
	const char *path, struct contents_budget *budget, struct err *err)
{
	uint64_t end = 0;
	bool has_size = entry && archive_entry_size_is_set(entry);
	int64_t size = has_size ? archive_entry_size(entry) : 0;

	if (size < 0 || (uint64_t)size > budget->left) {
		return over_budget(budget, path, err);
	}
	if (copy_blocks(archive, to, path, budget, &end, err) < 0) {
		return -1;
	}
	if ((uint64_t)size > end) {
		if (to && parcel_put_hole(to, (uint64_t)size - end) < 0) {
			return not_sent(path, err);
		}
		end = (uint64_t)size;
	}
	budget->left -= end;
	return 0;
}
