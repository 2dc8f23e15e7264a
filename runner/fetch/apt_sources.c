/* SPDX-License-Identifier: MIT */
/* Only archives are taken that can hold the pool of Debian itself: type "deb", component "main",
 * http, https or file, and a path that ends in "debian" (or "debian/TIMESTAMP", as snapshots
 * have it). A stranger's archive that looks the same costs one 404, for all is checked by hash. */
#include "fetch/apt_sources.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "fetch/address.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char blanks[] = " \t\r";

struct apt_reader {
	const char *path; /* what is wanted of the archive */
	struct addresses *addresses;
};

/* One stanza of a deb822 file. The texts are borrowed from the file. */
struct stanza {
	const char *types, *uris, *components, *enabled;
};

static bool
is_timestamp(const char *text, size_t length)
{
	/* 20250520T000000Z */
	return length == 16 && text[8] == 'T' && text[15] == 'Z';
}

static bool
is_debian(const char *uri)
{
	size_t length = strlen(uri);

	for (int parts = 0; parts < 2; parts++) {
		while (length > 0 && uri[length - 1] == '/') {
			length--;
		}
		const char *slash = memrchr(uri, '/', length);
		size_t start = slash ? (size_t)(slash - uri) + 1 : 0;
		if (length - start == 6 && memcmp(uri + start, "debian", 6) == 0) {
			return true;
		}
		if (!is_timestamp(uri + start, length - start)) {
			return false;
		}
		length = start;
	}
	return false;
}

/* apt also writes file:/srv/debian. */
static void
add_uri(const struct apt_reader *reader, const char *uri)
{
	cleanup_free char *full = strncmp(uri, "file:/", 6) == 0 && uri[6] != '/'
					  ? mem_printf("file://%s", uri + 5)
					  : mem_strdup(uri);

	if (address_is_good(full) && is_debian(full)) {
		addresses_add(reader->addresses, full, reader->path);
	}
}

static bool
has_word(const char *text, const char *word)
{
	cleanup_free char *copy = mem_strdup(text ? text : "");
	char *rest = NULL;

	for (char *at = strtok_r(copy, " \t\r\n", &rest); at;
		at = strtok_r(NULL, " \t\r\n", &rest)) {
		if (strcmp(at, word) == 0) {
			return true;
		}
	}
	return false;
}

/* deb [ options ] uri suite component... */
static void
read_line(const struct apt_reader *reader, char *line)
{
	char *rest = NULL;

	line[strcspn(line, "#")] = '\0';
	char *word = strtok_r(line, blanks, &rest);
	if (!word || strcmp(word, "deb") != 0) {
		return;
	}
	rest += strspn(rest, blanks);
	if (*rest == '[') {
		char *end = strchr(rest, ']');
		if (!end) {
			return;
		}
		rest = end + 1;
	}
	char *uri = strtok_r(NULL, blanks, &rest);
	char *suite = uri ? strtok_r(NULL, blanks, &rest) : NULL;
	if (suite && has_word(rest, "main")) {
		add_uri(reader, uri);
	}
}

static void
read_list(const struct apt_reader *reader, char *text)
{
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		read_line(reader, line);
	}
}

static void
end_stanza(const struct apt_reader *reader, struct stanza *stanza)
{
	bool is_enabled = !stanza->enabled || !has_word(stanza->enabled, "no");

	if (is_enabled && stanza->uris && has_word(stanza->types, "deb") &&
		has_word(stanza->components, "main")) {
		cleanup_free char *uris = mem_strdup(stanza->uris);
		char *rest = NULL;
		for (char *uri = strtok_r(uris, " \t\r\n", &rest); uri;
			uri = strtok_r(NULL, " \t\r\n", &rest)) {
			add_uri(reader, uri);
		}
	}
	*stanza = (struct stanza){0};
}

static void
begin_field(struct stanza *stanza, char *line)
{
	char *value = strchr(line, ':');
	const struct {
		const char *name, **slot;
	} fields[] = {{"Types", &stanza->types}, {"URIs", &stanza->uris},
		{"Components", &stanza->components}, {"Enabled", &stanza->enabled}};

	if (!value) {
		return;
	}
	*value++ = '\0';
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (strcasecmp(line, fields[i].name) == 0) {
			*fields[i].slot = value;
		}
	}
}

/* Takes comment lines out; apt allows them between the lines of one field. */
static char *
without_comments(char *text)
{
	struct buf out = {0};

	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		if (*line != '#') {
			buf_puts(&out, line);
			buf_putc(&out, '\n');
		}
	}
	return buf_take(&out);
}

static void
read_sources(const struct apt_reader *reader, char *text)
{
	struct stanza stanza = {0};
	cleanup_free char *lines = without_comments(text);

	for (char *line = lines; line;) {
		/* A line that starts with a blank belongs to the field before it. */
		char *end = strchr(line, '\n');
		while (end && (end[1] == ' ' || end[1] == '\t')) {
			end = strchr(end + 1, '\n');
		}
		if (end) {
			*end = '\0';
		}
		if (line[strspn(line, blanks)] == '\0') {
			end_stanza(reader, &stanza);
		} else {
			begin_field(&stanza, line);
		}
		line = end ? end + 1 : NULL;
	}
	end_stanza(reader, &stanza);
}

static void
read_file(const struct apt_reader *reader, int dirfd, const char *name)
{
	cleanup_buf struct buf text = {0};
	const char *dot = strrchr(name, '.');

	if (!dot || fs_read_at(dirfd, name, 1 << 20, &text, NULL) < 0) {
		return;
	}
	cleanup_free char *copy = buf_take(&text);
	if (strcmp(dot, ".list") == 0) {
		read_list(reader, copy);
	} else if (strcmp(dot, ".sources") == 0) {
		read_sources(reader, copy);
	}
}

void
apt_sources_add(const char *root, const char *path, struct addresses *addresses)
{
	const struct apt_reader reader = {path, addresses};
	cleanup_free char *apt = mem_printf("%s/etc/apt", root);
	cleanup_free char **names = NULL;
	size_t count = 0;
	cleanup_fd int fd = fs_open_dir(AT_FDCWD, apt, NULL);

	if (fd < 0) {
		return;
	}
	read_file(&reader, fd, "sources.list");
	cleanup_fd int parts = fs_open_dir(fd, "sources.list.d", NULL);
	if (parts < 0 || fs_list_dir(parts, &names, &count, NULL) < 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		read_file(&reader, parts, names[i]);
	}
}
