/* SPDX-License-Identifier: MIT */
/* The file of a secret key is one line, "brun cache key 1 HEX": 32 bytes, the seed of RFC 8032. */
#include "cache/cache_key.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 4096 };

static const char prefix[] = "ed25519:";
static const char file_prefix[] = "brun cache key 1 ";

char *
cache_key_print(const struct sign_public *public, char text[static CACHE_KEY_TEXT])
{
	memcpy(text, prefix, strlen(prefix));
	sign_hex(public->bytes, SIGN_KEY_BYTES, text + strlen(prefix));
	return text;
}

bool
cache_key_parse(const char *text, struct sign_public *ret_public)
{
	return strncmp(text, prefix, strlen(prefix)) == 0 && strlen(text) == CACHE_KEY_TEXT - 1 &&
	       sign_unhex(text + strlen(prefix), SIGN_KEY_BYTES, ret_public->bytes);
}

/* Where the secret key is: $BRUN_CACHE_KEY, or cache-key beside the configuration. The caller
 * frees; NULL where neither of the two is to be had. */
static char *
cache_key_path(void)
{
	const char *own = getenv("BRUN_CACHE_KEY"), *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (own && *own) {
		return mem_strdup(own);
	}
	if (config && *config == '/') {
		return mem_printf("%s/brun/cache-key", config);
	}
	return home && *home ? mem_printf("%s/.config/brun/cache-key", home) : NULL;
}

static int
parse(const char *path, const struct buf *text, struct sign_secret *ret_secret, struct err *err)
{
	const char *at = buf_text(text);
	size_t start = strlen(file_prefix);

	if (strncmp(at, file_prefix, start) != 0 ||
		!sign_unhex(at + start, SIGN_KEY_BYTES, ret_secret->bytes) ||
		strcmp(at + start + 2 * SIGN_KEY_BYTES, "\n") != 0) {
		return err_fail(err, STATUS_USAGE, "'%s' is no secret key of brun", path);
	}
	return 1;
}

static int
check_mode(const char *path, int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		return err_set(err, errno, "stat '%s'", path);
	}
	if (st.st_mode & 077) {
		err_fail(err, STATUS_USAGE, "others may read or write the secret key '%s'", path);
		return err_hint(err, "chmod 600 '%s', or make a new one if they might have", path);
	}
	return 0;
}

static int
read_file(const char *path, struct sign_secret *ret_secret, struct err *err)
{
	cleanup_buf struct buf text = {0};
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return errno == ENOENT || errno == ENOTDIR ? 0
							   : err_set(err, errno, "open '%s'", path);
	}
	if (check_mode(path, fd, err) < 0 || fs_read_all(fd, FILE_MOST, &text, err) < 0) {
		return -1;
	}
	int result = parse(path, &text, ret_secret, err);
	if (text.data) {
		explicit_bzero(text.data, text.length);
	}
	return result;
}

int
cache_key_read(struct sign_secret *ret_secret, struct err *err)
{
	cleanup_free char *path = cache_key_path();

	return path ? read_file(path, ret_secret, err) : 0;
}

static int
write_new(const char *path, const struct sign_secret *secret, struct err *err)
{
	char hex[SIGN_KEY_HEX];
	cleanup_free char *parent = mem_strdup(path);
	char *slash = strrchr(parent, '/');

	if (slash && slash != parent) {
		*slash = '\0';
		if (fs_mkdirs_at(AT_FDCWD, parent, 0700, err) < 0) {
			return -1;
		}
	}
	cleanup_free char *text =
		mem_printf("%s%s\n", file_prefix, sign_hex(secret->bytes, SIGN_KEY_BYTES, hex));
	int result = fs_create_at(AT_FDCWD, path, 0600, text, strlen(text), err);
	explicit_bzero(hex, sizeof(hex));
	explicit_bzero(text, strlen(text));
	return result;
}

int
cache_key_make(struct sign_secret *ret_secret, struct err *err)
{
	cleanup_free char *path = cache_key_path();
	struct sign_secret secret;

	if (!path) {
		return err_fail(err, STATUS_USAGE,
			"no place for a key: neither BRUN_CACHE_KEY, XDG_CONFIG_HOME nor HOME is set");
	}
	int found = read_file(path, ret_secret, err);
	if (found != 0) {
		return found < 0 ? -1 : 0;
	}
	if (sign_new(&secret, err) < 0 || write_new(path, &secret, err) < 0) {
		return -1;
	}
	*ret_secret = secret;
	return 0;
}
