/* SPDX-License-Identifier: MIT */
/* Archives of any origin. What is decided here:
 *
 * - Formats: tar (ustar, pax, GNU) and zip; a .deb, of which data.tar.* is unpacked; each but zip
 *   plain or in gzip, bzip2, xz, lzma, lzip, zstd or compress. With options->single the
 *   input is one file, compressed or not.
 * - A zip is read by its central directory only: readers that go by the local headers see other
 *   members than those that don't.
 * - A symlink is data: its target may be any text (packages of distributions hold absolute ones).
 *   Nothing is written through it, so a member that lies behind one is refused, and so is a hard
 *   link whose target lies outside or behind one.
 * - The last of several members of one name counts, but a directory and another thing of
 *   one name are an error.
 * - Of the mode, only "executable by somebody" stays. Owners, times, attributes are not looked at.
 * - A tar must end with its end mark: one that was cut between two members would look whole. */
#include "archive/unpack.h"

#include "archive/contents.h"
#include "archive/member.h"
#include "archive/parcel.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/printable.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <iconv.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BLOCK = 256 * 1024 };

struct unpacking {
	const struct unpack_options *options;
	struct parcel_writer to;
	uint64_t entries_left;
	struct archive *archive;
	struct contents_budget budget;
	bool has_dropped, has_kept;
};

void
unpack_prepare(void)
{
	/* Names in pax and zip archives are UTF-8; anything but a UTF-8 locale would refuse
	 * them. */
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		(void)setlocale(LC_CTYPE, "en_US.UTF-8");
	}
	iconv_t warm = iconv_open("UTF-8", "UTF-8");
	if (warm != (iconv_t)-1) {
		iconv_close(warm);
	}
}

static void
archive_done(struct archive **archive)
{
	archive_read_free(*archive);
}

#define cleanup_archive __attribute__((cleanup(archive_done)))

static struct archive *
reader_new(void)
{
	struct archive *archive = archive_read_new();

	if (!archive) {
		abort();
	}
	/* A filter whose library was left out of libarchive would want to run a program; it
	 * can't. */
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_lzip(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_compress(archive);
	return archive;
}

static int
not_sent(const char *path, struct err *err)
{
	cleanup_free char *shown = printable_name(path);

	return err_set(err, errno, "passing '%s' on", shown);
}

static int
unpack_file(
	struct unpacking *unpacking, struct archive_entry *entry, const char *path, struct err *err)
{
	bool is_program = archive_entry_perm(entry) & 0111;

	if (parcel_put(&unpacking->to, is_program ? PARCEL_PROGRAM : PARCEL_FILE, path, NULL) < 0) {
		return not_sent(path, err);
	}
	return contents_copy(
		unpacking->archive, entry, &unpacking->to, path, &unpacking->budget, err);
}

static int
unpack_hard_link(
	struct unpacking *unpacking, struct archive_entry *entry, const char *path, struct err *err)
{
	cleanup_free char *target = NULL;
	const char *name = archive_entry_hardlink(entry);

	if (member_path(name, unpacking->options->strip, "hard link to", &target, err) < 0) {
		cleanup_free char *shown = printable_name(path);
		return err_wrap(err, "member '%s'", shown);
	}
	/* pax lets a link carry the contents again; then it needs nothing of its target. */
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0) {
		return unpack_file(unpacking, entry, path, err);
	}
	if (!target) {
		cleanup_free char *shown = printable_name(path);
		return err_fail(err, STATUS_SOURCE,
			"member '%s' is a hard link to something that strip = %u drops", shown,
			unpacking->options->strip);
	}
	return parcel_put(&unpacking->to, PARCEL_HARD_LINK, path, target) < 0 ? not_sent(path, err)
									      : 0;
}

static int
unpack_symlink(
	struct unpacking *unpacking, struct archive_entry *entry, const char *path, struct err *err)
{
	const char *target = archive_entry_symlink(entry);

	if (!target || !*target) {
		cleanup_free char *shown = printable_name(path);
		return err_fail(err, STATUS_SOURCE, "member '%s' is a symlink to nothing", shown);
	}
	if (strlen(target) >= PATH_MAX) {
		cleanup_free char *shown = printable_name(path);
		return err_fail(err, STATUS_SOURCE, "member '%s' has too long a target", shown);
	}
	return parcel_put(&unpacking->to, PARCEL_LINK, path, target) < 0 ? not_sent(path, err) : 0;
}

/* Some zips have no types: a name that ends in '/' is a directory there. */
static mode_t
type_of(struct archive_entry *entry, const char *name)
{
	mode_t type = archive_entry_filetype(entry);

	if (type) {
		return type;
	}
	return *name && name[strlen(name) - 1] == '/' ? S_IFDIR : S_IFREG;
}

static int
unpack_member(struct unpacking *unpacking, struct archive_entry *entry, const char *name,
	const char *path, struct err *err)
{
	if (archive_entry_hardlink(entry)) {
		return unpack_hard_link(unpacking, entry, path, err);
	}
	switch (type_of(entry, name)) {
	case S_IFREG:
		return unpack_file(unpacking, entry, path, err);
	case S_IFDIR:
		return parcel_put(&unpacking->to, PARCEL_DIRECTORY, path, NULL) < 0
			       ? not_sent(path, err)
			       : 0;
	case S_IFLNK:
		return unpack_symlink(unpacking, entry, path, err);
	default: {
		cleanup_free char *shown = printable_name(path);
		return err_fail(
			err, STATUS_SOURCE, "member '%s' is a device node, FIFO or socket", shown);
	}
	}
}

/* Also what is dropped costs time. */
static int
count(struct unpacking *unpacking, struct err *err)
{
	if (unpacking->entries_left == 0) {
		return err_fail(err, STATUS_LIMIT, "the archive has more than %" PRIu64 " entries",
			unpacking->options->entries);
	}
	unpacking->entries_left--;
	return 0;
}

/* One member whose header was read. */
static int
unpack_entry(struct unpacking *unpacking, struct archive_entry *entry, struct err *err)
{
	cleanup_free char *path = NULL;
	const char *name = archive_entry_pathname(entry);

	if (count(unpacking, err) < 0) {
		return -1;
	}
	if (!name) {
		return err_fail(err, STATUS_SOURCE, "a member's name is not UTF-8");
	}
	if (member_path(name, unpacking->options->strip, "member", &path, err) < 0) {
		return -1;
	}
	if (path) {
		unpacking->has_kept = true;
		return unpack_member(unpacking, entry, name, path, err);
	}
	if (type_of(entry, name) == S_IFDIR) {
		return 0;
	}
	unpacking->has_dropped = true;
	return contents_copy(unpacking->archive, entry, NULL, name, &unpacking->budget, err);
}

/* 1 and the next member, 0 at the end, -1. Warnings (an attribute that is not understood) are
 * fine as long as the member has a name. */
static int
next_entry(struct archive *archive, struct archive_entry **ret_entry, struct err *err)
{
	int result = archive_read_next_header(archive, ret_entry);

	if (result == ARCHIVE_EOF) {
		return 0;
	}
	return result == ARCHIVE_OK || result == ARCHIVE_WARN
		       ? 1
		       : contents_complain(archive, "the archive is damaged or cut short", err);
}

static bool
is_format(struct archive *archive, int format)
{
	return (archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK) == format;
}

static int
check_end(struct unpacking *unpacking, struct err *err)
{
	struct archive *archive = unpacking->archive;

	if (is_format(archive, ARCHIVE_FORMAT_TAR) &&
		archive_filter_bytes(archive, 0) <= archive_read_header_position(archive)) {
		return err_fail(err, STATUS_SOURCE, "the archive is cut short: no end mark");
	}
	if (unpacking->has_dropped && !unpacking->has_kept) {
		return err_fail(err, STATUS_SOURCE,
			"strip = %u drops all members: none lies that deep",
			unpacking->options->strip);
	}
	return 0;
}

/* From this entry (NULL: there is none) to the end. */
static int
unpack_rest(struct unpacking *unpacking, struct archive_entry *entry, struct err *err)
{
	int more = entry != NULL;

	while (more > 0) {
		if (unpack_entry(unpacking, entry, err) < 0) {
			return -1;
		}
		more = next_entry(unpacking->archive, &entry, err);
	}
	return more < 0 ? -1 : check_end(unpacking, err);
}

/* The data member of a .deb as a stream for a second reader. */
static ssize_t
read_inner(struct archive *inner, void *context, const void **ret_data)
{
	struct archive *outer = context;
	size_t size;
	int64_t offset;
	int result = archive_read_data_block(outer, ret_data, &size, &offset);

	if (result == ARCHIVE_EOF) {
		return 0;
	}
	if (result != ARCHIVE_OK) {
		archive_set_error(inner, EIO, "%s", archive_error_string(outer));
		return -1;
	}
	return (ssize_t)size;
}

static int
unpack_inner(struct unpacking *unpacking, struct archive *outer, struct err *err)
{
	cleanup_archive struct archive *inner = reader_new();
	struct archive_entry *entry;

	archive_read_support_format_tar(inner);
	if (archive_read_open(inner, outer, NULL, read_inner, NULL) != ARCHIVE_OK) {
		return contents_complain(inner, "data.tar of the package", err);
	}
	unpacking->archive = inner;
	int more = next_entry(inner, &entry, err);
	int result = more < 0 ? -1 : unpack_rest(unpacking, more ? entry : NULL, err);
	/* What is behind the end mark must be there, too. */
	unpacking->archive = outer;
	return result < 0 ? -1
			  : contents_copy(outer, NULL, NULL, "data.tar", &unpacking->budget, err);
}

/* deb(5): debian-binary, control.tar.*, data.tar.*, in this order, and perhaps more. */
static int
unpack_deb(struct unpacking *unpacking, struct archive_entry *entry, struct err *err)
{
	const char *name = archive_entry_pathname(entry);
	int more = 1;

	if (!name || strcmp(name, "debian-binary") != 0) {
		return err_fail(err, STATUS_SOURCE,
			"an ar archive that is no Debian package (its first member is not "
			"debian-binary)");
	}
	while (more > 0) {
		if (name && strncmp(name, "data.tar", 8) == 0) {
			return unpack_inner(unpacking, unpacking->archive, err);
		}
		more = next_entry(unpacking->archive, &entry, err);
		name = more > 0 ? archive_entry_pathname(entry) : NULL;
	}
	return more < 0 ? -1 : err_fail(err, STATUS_SOURCE, "a Debian package without data.tar");
}

static int
unpack_archive(struct unpacking *unpacking, struct err *err)
{
	struct archive_entry *entry;
	struct archive *archive = unpacking->archive;
	int more = next_entry(archive, &entry, err);

	if (more < 0) {
		return -1;
	}
	if (more > 0 && is_format(archive, ARCHIVE_FORMAT_AR)) {
		return unpack_deb(unpacking, entry, err);
	}
	return unpack_rest(unpacking, more ? entry : NULL, err);
}

static int
unpack_single(struct unpacking *unpacking, struct err *err)
{
	struct archive_entry *entry;
	const char *name = unpacking->options->single;

	if (!fs_is_clean_relative(name)) {
		return err_fail(err, STATUS_RECIPE, "'%s' can't be the name of a file", name);
	}
	if (parcel_put(&unpacking->to, PARCEL_FILE, name, NULL) < 0) {
		return not_sent(name, err);
	}
	int more = next_entry(unpacking->archive, &entry, err);
	return more > 0 ? contents_copy(unpacking->archive, NULL, &unpacking->to, name,
				  &unpacking->budget, err)
			: more;
}

static int
unpack_opened(struct unpacking *unpacking, int result, struct err *err)
{
	/* Opening looks at the first bytes already. */
	if (result != ARCHIVE_OK) {
		contents_complain(unpacking->archive, "not an archive that can be unpacked", err);
		return err_hint(err,
			"tar (plain, gz, bz2, xz, zst, lz), zip and deb can; a lone file needs a "
			"name for its contents");
	}
	return unpacking->options->single ? unpack_single(unpacking, err)
					  : unpack_archive(unpacking, err);
}

static void
unpacking_init(struct unpacking *unpacking, int to, const struct unpack_options *options)
{
	*unpacking = (struct unpacking){
		.options = options,
		.entries_left = options->entries,
		.budget = {options->bytes, options->bytes},
		.archive = reader_new(),
	};
	parcel_writer_init(&unpacking->to, to);
	if (options->single) {
		archive_read_support_format_raw(unpacking->archive);
		archive_read_support_format_empty(unpacking->archive);
	} else {
		archive_read_support_format_tar(unpacking->archive);
		archive_read_support_format_zip_seekable(unpacking->archive);
		archive_read_support_format_ar(unpacking->archive);
	}
}

/* How it went is the last that is told. */
static int
unpacking_end(struct unpacking *unpacking, int result, struct err *err)
{
	if (parcel_put_end(&unpacking->to, err) < 0 && result == 0) {
		result = err_set(err, errno, "passing the archive on");
	}
	parcel_writer_done(&unpacking->to);
	archive_read_free(unpacking->archive);
	return result;
}

int
unpack_fd(int fd, int to, const struct unpack_options *options, struct err *err)
{
	struct unpacking unpacking;

	unpacking_init(&unpacking, to, options);
	int result = archive_read_open_fd(unpacking.archive, fd, BLOCK);
	return unpacking_end(&unpacking, unpack_opened(&unpacking, result, err), err);
}

int
unpack_memory(const void *data, size_t size, int to, const struct unpack_options *options,
	struct err *err)
{
	struct unpacking unpacking;

	unpacking_init(&unpacking, to, options);
	int result = archive_read_open_memory(unpacking.archive, data, size);
	return unpacking_end(&unpacking, unpack_opened(&unpacking, result, err), err);
}
