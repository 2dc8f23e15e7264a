/* SPDX-License-Identifier: MIT */
/* roots/NAME holds "tree HEX\n"; roots/@HASH, where HASH is of the path, "output PATH\n". An output
 * is no copy of a stamp: which tree lies there is read from the stamp itself, each time. */
#include "store/store_roots.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/replace.h"
#include "store/disk.h"
#include "store/stamp.h"
#include "store/store_room.h"
#include "text/quote.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOT_MAX = PATH_MAX + 64, NAME_LONGEST = 200 };

/* Of two paths of one hash, which don't come by chance, the second would be no root. */
static char *
output_file(const char *path)
{
	return mem_printf("roots/@%016" PRIx64, hash_bytes(path, strlen(path)));
}

/* replace_file_synced's, on its way or left by a killed run */
static bool
is_sibling(const char *name)
{
	const char *suffix = strrchr(name, '.');

	return suffix && strcmp(suffix, ".tmp") == 0;
}

static int
check_name(const char *name, struct err *err)
{
	size_t good = isalnum((unsigned char)name[0]) ? 1 : 0;

	while (good && (isalnum((unsigned char)name[good]) ||
			       (name[good] && strchr("._+-@", name[good])))) {
		good++;
	}
	if (good && name[good] == '\0' && good <= NAME_LONGEST && !is_sibling(name)) {
		return 0;
	}
	cleanup_free char *quoted = quote_path(name);
	err_fail(err, STATUS_USAGE, "%s can't be the name of a root", quoted);
	return err_hint(err, "a name has letters, digits and ._+-@ and begins with a letter or "
			     "digit");
}

static int
write_root(struct store *store, const char *file, const char *text, struct err *err)
{
	if (mkdirat(store_fd(store), "roots", 0700) < 0 && errno != EEXIST) {
		return err_set(err, errno, "mkdir '%s/roots'", store_path(store));
	}
	if (replace_file_synced(store_fd(store), file, NULL, 0600, text, strlen(text), err) < 0) {
		err_wrap(err, "making a root in '%s'", store_path(store));
		return disk_explain(store_fd(store), err);
	}
	return 0;
}

int
store_root_add(struct store *store, const char *name, const struct digest *id, struct err *err)
{
	char hex[DIGEST_HEX];
	cleanup_free char *file = mem_printf("roots/%s", name);
	cleanup_free char *text = mem_printf("tree %s\n", digest_hex(id, hex));

	return check_name(name, err) < 0 ? -1 : write_root(store, file, text, err);
}

int
store_root_add_output(struct store *store, const char *path, struct err *err)
{
	cleanup_free char *file = output_file(path);
	cleanup_free char *text = NULL;

	/* A path that a line can't hold is no root: the store can do without. */
	if (strchr(path, '\n') || faccessat(store_fd(store), file, F_OK, 0) == 0) {
		return 0;
	}
	text = mem_printf("output %s\n", path);
	return write_root(store, file, text, err);
}

int
store_root_remove(struct store *store, const char *name, struct err *err)
{
	cleanup_free char *file = name[0] == '/' ? output_file(name) : mem_printf("roots/%s", name);

	if (name[0] != '/' && check_name(name, err) < 0) {
		return -1;
	}
	if (unlinkat(store_fd(store), file, 0) == 0) {
		return 1;
	}
	return errno == ENOENT ? 0 : err_set(err, errno, "remove '%s'", file);
}

static int
parse(struct store_root *root, char *text, struct err *err)
{
	struct err why = {0};
	static const char tree[] = "tree ", output[] = "output ";
	const char *file = root->file + strlen("roots/");

	text[strcspn(text, "\n")] = '\0';
	if (file[0] != '@') {
		root->name = mem_strdup(file);
		root->is_alive = strncmp(text, tree, strlen(tree)) == 0 &&
				 digest_parse(text + strlen(tree), &root->id);
		return 0;
	}
	root->output =
		mem_strdup(strncmp(text, output, strlen(output)) == 0 ? text + strlen(output) : "");
	cleanup_fd int dir = fs_open_dir(AT_FDCWD, root->output, &why);
	root->is_alive = dir >= 0 && stamp_read(dir, &root->id);
	if (dir >= 0 || why.number == ENOENT || why.number == ENOTDIR || why.number == ELOOP) {
		return 0;
	}
	err_set(err, why.number, "looking for the output '%s', a root", root->output);
	return err_hint(err, "if it is gone for good: brun root remove '%s'", root->output);
}

static int
read_root(struct store *store, struct store_root *root, struct err *err)
{
	cleanup_buf struct buf text = {0};

	if (fs_read_at(store_fd(store), root->file, ROOT_MAX, &text, err) < 0) {
		return -1;
	}
	buf_putc(&text, '\0');
	return parse(root, text.data, err);
}

bool
store_root_is_alive(struct store *store, const char *file)
{
	struct store_root root = {.file = mem_strdup(file)};
	bool is_dead = read_root(store, &root, NULL) == 0 && !root.is_alive;

	free(root.name);
	free(root.output);
	free(root.file);
	return !is_dead;
}

int
store_roots_read(
	struct store *store, struct store_root **ret_roots, size_t *ret_count, struct err *err)
{
	struct err why = {0};
	cleanup_free char **names = NULL;
	size_t count = 0, read = 0;
	cleanup_fd int dir = fs_open_dir(store_fd(store), "roots", &why);

	if ((dir < 0 && why.number != ENOENT) ||
		(dir >= 0 && fs_list_dir(dir, &names, &count, &why) < 0)) {
		return err_set(err, why.number, "reading the roots of '%s'", store_path(store));
	}
	struct store_root *roots = mem_zalloc(count + 1, sizeof(*roots));
	for (size_t i = 0; i < count; i++) {
		if (is_sibling(names[i])) {
			continue;
		}
		roots[read].file = mem_printf("roots/%s", names[i]);
		int result = read_root(store, &roots[read++], &why);
		if (result < 0 && why.number == ENOENT && !roots[read - 1].output) {
			free(roots[--read].file); /* removed meanwhile */
			why = (struct err){0};
		} else if (result < 0) {
			store_roots_done(roots, read);
			*err = why;
			return -1;
		}
	}
	*ret_roots = roots;
	*ret_count = read;
	return 0;
}

void
store_roots_done(struct store_root *roots, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(roots[i].name);
		free(roots[i].output);
		free(roots[i].file);
	}
	free(roots);
}
