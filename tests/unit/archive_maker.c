/* SPDX-License-Identifier: MIT */
#include "archive_maker.h"

#include "runner/base/buf.h"
#include "runner/base/mem.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAR_BLOCK = 512 };

/* POSIX.1-1988 ustar header. */
struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
	char magic[8], user[32], group[32], major[8], minor[8], prefix[155], padding[12];
};

static void
put(char *field, size_t size, const char *text)
{
	memcpy(field, text, strnlen(text, size));
}

static void
put_octal(char *field, size_t size, unsigned long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*lo", (int)size - 1, value);
	put(field, size, text);
}

void
tar_add(struct buf *tar, char type, const char *name, const char *link, unsigned mode,
	const void *data, size_t size)
{
	static const char zeros[TAR_BLOCK];
	struct tar_header header = {.type = type};
	unsigned long sum = 0;

	_Static_assert(sizeof(header) == TAR_BLOCK, "a tar header is one block");
	put(header.name, sizeof(header.name), name);
	put(header.link, sizeof(header.link), link);
	put_octal(header.mode, sizeof(header.mode), mode);
	put_octal(header.uid, sizeof(header.uid), 0);
	put_octal(header.gid, sizeof(header.gid), 0);
	put_octal(header.size, sizeof(header.size), size);
	put_octal(header.mtime, sizeof(header.mtime), 1);
	memcpy(header.magic,
		"ustar\0"
		"00",
		8);
	memset(header.checksum, ' ', sizeof(header.checksum));
	for (size_t i = 0; i < sizeof(header); i++) {
		sum += ((unsigned char *)&header)[i];
	}
	put_octal(header.checksum, 7, sum);
	buf_add(tar, &header, sizeof(header));
	buf_add(tar, data, size);
	buf_add(tar, zeros, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

void
tar_file(struct buf *tar, const char *name, const char *text)
{
	tar_add(tar, '0', name, "", 0644, text, strlen(text));
}

void
tar_end(struct buf *tar)
{
	static const char zeros[2 * TAR_BLOCK];

	buf_add(tar, zeros, sizeof(zeros));
}

void
tar_pax(struct buf *tar, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3, length = rest;
	char digits[24];

	/* The length counts its own digits. */
	do {
		length = rest + (size_t)snprintf(digits, sizeof(digits), "%zu", length);
	} while (length != rest + (size_t)snprintf(digits, sizeof(digits), "%zu", length));
	cleanup_free char *record = mem_printf("%zu %s=%s\n", length, key, value);
	tar_add(tar, 'x', "pax", "", 0644, record, strlen(record));
}

void
ar_add(struct buf *ar, const char *name, const void *data, size_t size)
{
	if (ar->length == 0) {
		buf_puts(ar, "!<arch>\n");
	}
	buf_printf(ar, "%-16s%-12d%-6d%-6d%-8o%-10zu`\n", name, 0, 0, 0, 0100644, size);
	buf_add(ar, data, size);
	buf_add(ar, "\n", size % 2);
}

static void
must(int result)
{
	if (result != ARCHIVE_OK) {
		abort();
	}
}

static void
write_entry(struct archive *archive, mode_t type, unsigned mode, const char *name, const char *link,
	const void *data, size_t size)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, mode);
	archive_entry_set_mtime(entry, 1, 0);
	if (link) {
		archive_entry_set_symlink(entry, link);
	}
	archive_entry_set_size(entry, (int64_t)size);
	must(archive_write_header(archive, entry));
	if (size > 0 && archive_write_data(archive, data, size) != (ssize_t)size) {
		abort();
	}
	archive_entry_free(entry);
}

/* *used is filled by libarchive up to the end of the close. */
static void
finish(struct archive *archive, const size_t *used, struct buf *ret_out)
{
	must(archive_write_close(archive));
	archive_write_free(archive);
	ret_out->length += *used;
	buf_add(ret_out, "", 0);
}

void
compressed(const char *filter, const void *data, size_t size, struct buf *ret_out)
{
	struct archive *archive = archive_write_new();
	size_t used = 0, room = size + size / 2 + 65536;

	must(archive_write_set_format_raw(archive));
	must(archive_write_add_filter_by_name(archive, filter));
	must(archive_write_set_bytes_in_last_block(archive, 1));
	must(archive_write_open_memory(archive, buf_reserve(ret_out, room), room, &used));
	write_entry(archive, AE_IFREG, 0644, "data", NULL, data, size);
	finish(archive, &used, ret_out);
}

void
zip_of(const char *name, const char *text, const char *link, struct buf *ret_zip)
{
	struct archive *archive = archive_write_new();
	size_t used = 0, room = 65536;

	must(archive_write_set_format_zip(archive));
	must(archive_write_set_bytes_in_last_block(archive, 1));
	must(archive_write_open_memory(archive, buf_reserve(ret_zip, room), room, &used));
	write_entry(archive, AE_IFREG, 0755, name, NULL, text, strlen(text));
	if (link) {
		write_entry(archive, AE_IFLNK, 0777, link, name, "", 0);
	}
	finish(archive, &used, ret_zip);
}
