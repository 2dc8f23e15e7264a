/* SPDX-License-Identifier: MIT */
/* The stamp is two lines: "brun output 1", and the tree's id in hex. */
#include "store/stamp.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/sha256.h"

#include <string.h>

const char stamp_name[] = ".brun";

static const char head[] = "brun output 1\n";

bool
stamp_read(int dirfd, struct digest *ret_id)
{
	cleanup_buf struct buf text = {0};
	const size_t head_length = sizeof(head) - 1;

	if (fs_read_at(dirfd, stamp_name, 256, &text, NULL) < 0 ||
		text.length != head_length + DIGEST_HEX ||
		memcmp(text.data, head, head_length) != 0 || text.data[text.length - 1] != '\n') {
		return false;
	}
	text.data[text.length - 1] = '\0';
	return digest_parse(text.data + head_length, ret_id);
}

int
stamp_write(int dirfd, const struct digest *id, struct err *err)
{
	char hex[DIGEST_HEX];
	cleanup_free char *text = mem_printf("%s%s\n", head, digest_hex(id, hex));

	return fs_create_at(dirfd, stamp_name, 0644, text, strlen(text), err);
}
