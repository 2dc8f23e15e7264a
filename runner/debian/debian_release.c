/* SPDX-License-Identifier: MIT */
/* InRelease is one stanza of fields in clear-signed text (RFC 9580, section 7). We use Suite,
 * Codename, Components, Architectures, and SHA256: a list of " HASH SIZE PATH" lines. */
#include "debian/debian_release.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RELEASE_LIMIT = 16 << 20, CHATTER_LIMIT = 1 << 20 };

const char *
debian_release_find_keyring(void)
{
	static const char *const paths[] = {
		"/usr/share/keyrings/debian-archive-keyring.gpg",
		"/usr/share/keyrings/debian-archive-keyring.pgp",
		"/etc/apt/trusted.gpg.d/debian-archive-keyring.gpg",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (access(paths[i], R_OK) == 0) {
			return paths[i];
		}
	}
	return NULL;
}

/* Runs gpgv with its status lines going to DIR/status and its chatter to DIR/chatter. */
static int
run_gpgv(const char *const *argv, const char *dir_path, struct err *err)
{
	cleanup_free char *status = mem_printf("%s/status", dir_path);
	cleanup_free char *chatter = mem_printf("%s/chatter", dir_path);
	cleanup_free char *home = mem_printf("GNUPGHOME=%s", dir_path);
	const char *const env[] = {home, "LC_ALL=C", NULL};
	posix_spawn_file_actions_t actions;
	const int flags = O_WRONLY | O_CREAT | O_TRUNC;
	pid_t child;
	int exit_status = 0;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, status, flags, 0600);
	posix_spawn_file_actions_addopen(&actions, 2, chatter, flags, 0600);
	int number = posix_spawnp(
		&child, argv[0], &actions, NULL, (char *const *)argv, (char *const *)env);
	posix_spawn_file_actions_destroy(&actions);
	if (number != 0) {
		err_fail(err, STATUS_SOURCE, "the index's signature can't be checked: gpgv: %s",
			strerrordesc_np(number));
		return err_hint(err, "install gpgv, or go on without the check: --insecure");
	}
	while (waitpid(child, &exit_status, 0) < 0) {
		if (errno != EINTR) {
			return err_set(err, errno, "waiting for gpgv");
		}
	}
	return 0;
}

/* Is there a line "[GNUPG:] WORD …"? */
static bool
has_status(const char *lines, const char *word)
{
	cleanup_free char *wanted = mem_printf("[GNUPG:] %s ", word);
	const char *at = lines;

	while ((at = strstr(at, wanted)) != NULL) {
		if (at == lines || at[-1] == '\n') {
			return true;
		}
		at++;
	}
	return false;
}

/* gpgv's exit status is no guide: a second signature by a key that an older keyring lacks makes
 * it 2. Its status lines are stable (GnuPG's doc/DETAILS). */
static int
judge(const char *status, const char *keyring, struct err *err)
{
	if (has_status(status, "BADSIG")) {
		return err_fail(err, STATUS_HASH,
			"the index's signature is bad: it was changed after Debian signed it");
	}
	if (has_status(status, "GOODSIG") && has_status(status, "VALIDSIG")) {
		return 0;
	}
	if (has_status(status, "EXPKEYSIG") || has_status(status, "REVKEYSIG")) {
		err_fail(err, STATUS_HASH,
			"the key that signed the index has expired or is revoked");
	} else {
		err_fail(err, STATUS_HASH, "no key in '%s' has signed the index", keyring);
	}
	return err_hint(err, "name a newer keyring with --keyring FILE, or go on without the "
			     "check: --insecure");
}

int
debian_release_verify(const char *dir_path, const char *name, const char *keyring,
	struct buf *ret_text, struct err *err)
{
	/* gpgv looks for a keyring without a '/' in its home. */
	cleanup_free char *ring = mem_printf("%s%s", strchr(keyring, '/') ? "" : "./", keyring);
	cleanup_free char *input = mem_printf("%s/%s", dir_path, name);
	cleanup_free char *output = mem_printf("%s/signed", dir_path);
	const char *const argv[] = {
		"gpgv", "--status-fd", "1", "--keyring", ring, "--output", output, input, NULL};
	cleanup_buf struct buf status = {0};

	if (access(keyring, R_OK) < 0) {
		return err_fail(
			err, STATUS_USAGE, "keyring '%s': %s", keyring, strerrordesc_np(errno));
	}
	cleanup_fd int dir = fs_open_dir(AT_FDCWD, dir_path, err);
	if (dir < 0 || run_gpgv(argv, dir_path, err) < 0 ||
		fs_read_at(dir, "status", CHATTER_LIMIT, &status, err) < 0 ||
		judge(buf_text(&status), keyring, err) < 0) {
		return -1;
	}
	return fs_read_at(dir, "signed", RELEASE_LIMIT, ret_text, err);
}

int
debian_release_strip(const char *text, struct buf *ret_text, struct err *err)
{
	static const char begin[] = "-----BEGIN PGP SIGNED MESSAGE-----\n";
	const char *at = strncmp(text, begin, strlen(begin)) == 0 ? strstr(text, "\n\n") : NULL;
	const char *end = at ? strstr(at, "\n-----BEGIN PGP SIGNATURE-----\n") : NULL;

	if (!end) {
		return err_fail(err, STATUS_SOURCE, "InRelease is not a clear-signed text");
	}
	for (at += 2; at < end;) {
		size_t length = strcspn(at, "\n");
		size_t dash = strncmp(at, "- ", 2) == 0 ? 2 : 0;
		buf_add(ret_text, at + dash, length - dash);
		buf_putc(ret_text, '\n');
		at += length + 1;
	}
	return 0;
}

/* Behind "NAME: " at the start of a line, or NULL. */
static const char *
field(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = text; *at; at = *at ? at + 1 : at) {
		if (strncmp(at, name, length) == 0 && at[length] == ':') {
			at += length + 1;
			return at + strspn(at, " ");
		}
		at = strchrnul(at, '\n');
	}
	return NULL;
}

/* Is `word` one of the words of the field's first line? */
static bool
has_word(const char *text, const char *name, const char *word)
{
	const char *at = field(text, name);

	while (at && *at && *at != '\n') {
		size_t length = strcspn(at, " \n");
		if (length == strlen(word) && memcmp(at, word, length) == 0) {
			return true;
		}
		at += length;
		at += strspn(at, " ");
	}
	return false;
}

int
debian_release_check(const char *text, const char *suite, const char *component,
	const char *architecture, struct err *err)
{
	if (!has_word(text, "Suite", suite) && !has_word(text, "Codename", suite)) {
		return err_fail(err, STATUS_SOURCE,
			"the archive's InRelease for '%s' is about another suite", suite);
	}
	if (!has_word(text, "Components", component)) {
		return err_fail(
			err, STATUS_SOURCE, "suite '%s' has no component '%s'", suite, component);
	}
	if (!has_word(text, "Architectures", architecture)) {
		return err_fail(err, STATUS_SOURCE, "suite '%s' is not there for '%s'", suite,
			architecture);
	}
	return 0;
}

/* " HASH SIZE PATH" at `line`, up to `end`? */
static bool
is_line_of(const char *line, const char *end, const char *path, struct digest *ret_sha256,
	uint64_t *ret_size)
{
	char hex[DIGEST_HEX], *size_end;

	line += strspn(line, " ");
	if (end - line < DIGEST_HEX || line[DIGEST_HEX - 1] != ' ') {
		return false;
	}
	memcpy(hex, line, DIGEST_HEX - 1);
	hex[DIGEST_HEX - 1] = '\0';
	uint64_t size = strtoull(line + DIGEST_HEX, &size_end, 10);
	const char *name = size_end + strspn(size_end, " ");
	if ((size_t)(end - name) != strlen(path) || memcmp(name, path, strlen(path)) != 0 ||
		!digest_parse(hex, ret_sha256)) {
		return false;
	}
	*ret_size = size;
	return true;
}

int
debian_release_find(const char *text, const char *path, struct digest *ret_sha256,
	uint64_t *ret_size, struct err *err)
{
	const char *at = field(text, "SHA256");

	at = at ? strchrnul(at, '\n') : "";
	while (at[0] == '\n' && at[1] == ' ') {
		const char *end = strchrnul(at + 1, '\n');
		if (is_line_of(at + 1, end, path, ret_sha256, ret_size)) {
			return 0;
		}
		at = end;
	}
	return err_fail(err, STATUS_SOURCE, "the archive's InRelease lists no '%s'", path);
}
