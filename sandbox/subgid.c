/* SPDX-License-Identifier: MIT */
/* /etc/subgid: a line OWNER:FIRST:COUNT for each range, OWNER being a name or a number. */
#include "subgid.h"

#include "base/buf.h"
#include "base/fs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FIRST_FREE: where useradd(8) begins (SUB_GID_MIN in login.defs(5)). */
enum { FILE_MAX = 16 << 20, FIRST_FREE = 100000 };

struct range {
	uint64_t first, count;
};

/* The numbers behind the owner. */
static bool
read_range(const char *text, struct range *ret_range)
{
	char *end;

	ret_range->first = strtoull(text, &end, 10);
	if (end == text || *end != ':') {
		return false;
	}
	text = end + 1;
	ret_range->count = strtoull(text, &end, 10);
	return end != text && (*end == '\n' || *end == '\0') &&
	       ret_range->first + ret_range->count <= UINT32_MAX;
}

static bool
is_owner(const char *line, size_t length, const char *word)
{
	return strlen(word) == length && strncmp(line, word, length) == 0;
}

static void
take(struct subgid *subgid, const struct range *range, gid_t besides)
{
	uint64_t first = range->first + (range->first == besides);

	if (!subgid->has_any && first < range->first + range->count) {
		subgid->has_any = true;
		subgid->any = (gid_t)first;
	}
}

void
subgid_find(const char *name, uid_t uid, gid_t besides, struct subgid *ret_subgid)
{
	cleanup_buf struct buf text = {0};
	struct subgid found = {.free = FIRST_FREE};
	struct range range;
	char number[16];

	snprintf(number, sizeof(number), "%u", uid);
	found.has_file = fs_read_at(AT_FDCWD, "/etc/subgid", FILE_MAX, &text, NULL) == 0;
	for (const char *line = buf_text(&text); *line; line += *line == '\n') {
		size_t owner = strcspn(line, ":\n");
		if (line[owner] == ':' && read_range(line + owner + 1, &range)) {
			uint64_t end = range.first + range.count;
			found.free = found.free < end ? end : found.free;
			if (is_owner(line, owner, name) || is_owner(line, owner, number)) {
				take(&found, &range, besides);
			}
		}
		line += strcspn(line, "\n");
	}
	*ret_subgid = found;
}
