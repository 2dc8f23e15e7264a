/* SPDX-License-Identifier: MIT */
#include "glibc.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "bundle.h"
#include "closure.h"
#include "entries.h"
#include "paths.h"
#include "plan/runtime.h"
#include "sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONF_MAX = 1 << 20 };

/* The languages that glibc has locales for (localedata/SUPPORTED). For LANG=de_DE.UTF-8 it tries
 * de_DE.UTF-8, de_DE.utf8, de_DE, de.UTF-8, de.utf8 and de (locale/findlocale.c, intl/l10nflist.c),
 * and takes what it finds if the charset is the one asked for: with a link de.utf8 the program
 * handles UTF-8 and keeps the language's name, by which gettext looks for messages. C.utf8 is the
 * normalized name of C.UTF-8. */
static const char languages[] =
	"C aa af agr ak am an anp ar as ast ayc az be bem ber bg bhb bho bi bn bo br brx bs byn ca ce "
	"chr ckb cmn crh cs csb cv cy da de doi dsb dv dz el en eo es et eu fa ff fi fil fo fr fur fy ga gd "
	"gez gl gu gv ha hak he hi hif hne hr hsb ht hu hy ia id ig ik is it iu ja ka kab kk kl km kn "
	"ko kok ks ku kv kw ky lb lg li lij ln lo lt lv lzh mag mai mfe mg mhr mi miq mjw mk ml mn mni "
	"mnw mr ms mt my nan nb nds ne nhn niu nl nn no nr nso oc om or os pa pap pl ps pt quz raj rif "
	"ro ru rw sa sah sat sc sd se sgs shn shs si sid sk sl sm so sq sr ss ssy st su sv sw syr szl "
	"ta tcy te tg th the ti tig tk tl tn to tok tpi tr ts tt ug uk unm ur uz ve vi wa wae wal wo xh "
	"yi yo yue yuw zgh zh zu";

/* The module lines of glibc's own gconv-modules since 2.34, when the others moved to
 * gconv-modules.d/gconv-modules-extra.conf (iconvdata/Makefile, NEWS for 2.34). */
static const char *const core[] = {
	"ANSI_X3.110", "CP1252", "ISO8859-1", "ISO8859-15", "UNICODE", "UTF-16", "UTF-32", "UTF-7"};

static const char *const categories[] = {"LC_ADDRESS", "LC_COLLATE", "LC_CTYPE",
	"LC_IDENTIFICATION", "LC_MEASUREMENT", "LC_MESSAGES", "LC_MONETARY", "LC_NAME",
	"LC_NUMERIC", "LC_PAPER", "LC_TELEPHONE", "LC_TIME"};

struct glibc_use
glibc_uses(const struct closure *closure)
{
	static const char *const locales[] = {"setlocale", "newlocale", "__newlocale",
		"_ZNSt6localeC1EPKc", "_ZNSt6localeC2EPKc",
		"_ZNSt6localeC1ERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE", NULL};
	static const char *const charsets[] = {"iconv_open", NULL};

	static const char *const opening[] = {"dlopen", NULL};

	if (!closure_get(closure, "libc.so.6")) {
		return (struct glibc_use){0};
	}
	/* libstdc++ imports newlocale for std::locale's sake, which is its user's to call for. */
	return (struct glibc_use){
		.locales = closure_imports(closure, locales, "libstdc++.so"),
		.charsets = closure_imports(closure, charsets, NULL),
		.modules = closure_imports(closure, opening, NULL),
	};
}

bool
glibc_is_own(const char *path)
{
	/* glibc's own build has these (Makeconfig, shlib-versions); the rest is data of it */
	static const char *const starts[] = {"lib/ld-linux", "lib/libc.so.", "lib/libm.so.",
		"lib/libmvec.so.", "lib/libpthread.so.", "lib/libdl.so.", "lib/librt.so.",
		"lib/libresolv.so.", "lib/libutil.so.", "lib/libanl.so.", "lib/libthread_db.so.",
		"lib/libnss_files.so.", "lib/libnss_dns.so.", "lib/libnss_compat.so.", "locale/",
		"gconv/"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		if (strncmp(path, starts[i], strlen(starts[i])) == 0) {
			return true;
		}
	}
	return false;
}

void
glibc_use_add(struct glibc_use *use, struct glibc_use more)
{
	use->locales |= use->modules && more.locales;
	use->charsets |= use->modules && more.charsets;
}

/* The directory in which libc looks for `below`, as it was compiled into it: a whole string
 * "DIR/below"; NULL where there is none. */
static const char *
compiled_dir(const struct file *libc, const char *below, struct arena *arena)
{
	const unsigned char *at = libc->data, *limit = libc->data + libc->size;
	const size_t length = strlen(below) + 1;

	for (; (at = memmem(at, (size_t)(limit - at), below, length)) != NULL; at += length) {
		const unsigned char *nul = memrchr(libc->data, '\0', (size_t)(at - libc->data));
		if (nul && nul[1] == '/' && at > nul + 1 &&
			strncmp((const char *)nul + 1, "/dev/null/", 10) != 0) {
			return arena_strndup(arena, (const char *)nul + 1, (size_t)(at - nul) - 1);
		}
	}
	return NULL;
}

/* One collection of data for a bundle. */
struct adding {
	struct bundle *bundle;
	struct sources *sources;
	const struct source *source; /* that libc comes from */
	const char *from;	     /* a directory there */
	const char *why;
};

static bool
add(const struct adding *adding, const char *folder, const char *name, const char *to)
{
	cleanup_free char *path = mem_printf("%s%s/%s", adding->from, folder, name);
	struct file *file = source_lookup(adding->sources, adding->source, path);
	const struct bundle_file added = {
		.path = to,
		.file = file,
		.why = adding->why,
	};

	if (file && !bundle_find(adding->bundle, added.path)) {
		bundle_add(adding->bundle, &added);
	}
	return file != NULL;
}

/* Debian's name for it was C.UTF-8 before glibc had it. In the bundle that is its name again, for
 * glibc tries the codeset as the user wrote it first: under the normalized name alone, each
 * category costs two files that are not there. */
#define LOCALE "locale/C.UTF-8"

/* LC_MESSAGES is a directory with one file, for translations may lie beside that. Glibc takes the
 * file in its place (locale/loadlocale.c), and then opens one less. */
static bool
add_category(const struct adding *adding, const char *locale, const char *category)
{
	bool is_deeper = strcmp(category, "LC_MESSAGES") == 0;
	cleanup_free char *name = mem_printf("%s%s", category, is_deeper ? "/SYS_LC_MESSAGES" : "");

	return add(adding, locale, name,
		arena_printf(&adding->sources->arena, LOCALE "/%s", category));
}

static void
add_locale(const struct adding *adding)
{
	static const char *const names[] = {"/C.utf8", "/C.UTF-8"};

	for (size_t i = 0; i < 2; i++) {
		if (!add_category(adding, names[i], "LC_CTYPE")) {
			continue;
		}
		for (size_t k = 0; k < sizeof(categories) / sizeof(*categories); k++) {
			add_category(adding, names[i], categories[k]);
		}
		return;
	}
}

static bool
is_core(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(core) / sizeof(*core); i++) {
		if (strlen(core[i]) == length && memcmp(core[i], name, length) == 0) {
			return true;
		}
	}
	return false;
}

/* Is it "module FROM TO NAME COST" with the name of one that is left out? */
static bool
is_left_out(const char *line)
{
	static const char blanks[] = " \t";
	size_t word = strcspn(line, blanks);

	if (word != 6 || memcmp(line, "module", 6) != 0) {
		return false;
	}
	for (int i = 0; i < 3; i++) {
		line += strcspn(line, blanks);
		line += strspn(line, blanks);
	}
	return !is_core(line, strcspn(line, " \t\n"));
}

static void
trim(char *text, struct buf *ret_text)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (line[0] != '#' && !is_left_out(line)) {
			buf_printf(ret_text, "%s\n", line);
		}
	}
}

/* The cache beside the modules is read only where it was compiled in, and names all of them. */
static int
add_charsets(const struct adding *adding, struct err *err)
{
	cleanup_free char *path = mem_printf("%s/gconv-modules", adding->from);
	struct bundle_file conf = {
		.path = "gconv/gconv-modules",
		.file = source_lookup(adding->sources, adding->source, path),
		.why = adding->why,
		.has_contents = true,
	};
	cleanup_buf struct buf text = {0};

	if (!conf.file || bundle_find(adding->bundle, conf.path)) {
		return 0;
	}
	cleanup_fd int fd = file_open(conf.file, err);
	if (fd < 0 || fs_read_all(fd, CONF_MAX, &text, err) < 0) {
		return err_wrap(err, "reading '%s'", path);
	}
	for (size_t i = 0; i < sizeof(core) / sizeof(*core); i++) {
		cleanup_free char *name = mem_printf("%s.so", core[i]);
		add(adding, "", name, arena_printf(&adding->sources->arena, "gconv/%s", name));
	}
	if (text.length > 0) {
		trim(text.data, &conf.contents);
	}
	bundle_add(adding->bundle, &conf);
	return 0;
}

int
glibc_add(struct bundle *bundle, struct sources *sources, const struct closure *closure,
	struct glibc_use use, const char *user, struct err *err)
{
	const struct library *library = closure_get(closure, "libc.so.6");
	struct adding adding = {.bundle = bundle, .sources = sources};

	if (!library) {
		return 0;
	}
	const struct file *libc = library->file;
	struct arena *arena = &sources->arena;
	adding.source = libc->source;
	adding.from = use.locales ? compiled_dir(libc, "/locale-archive", arena) : NULL;
	if (adding.from) {
		adding.why = arena_printf(arena, "%s calls setlocale", user);
		add_locale(&adding);
	}
	adding.from = use.charsets ? compiled_dir(libc, "/gconv-modules.cache", arena) : NULL;
	if (adding.from) {
		adding.why = arena_printf(arena, "%s calls iconv_open", user);
		return add_charsets(&adding, err);
	}
	return 0;
}

int
glibc_write_links(const struct bundle *bundle, const char *top, int to_fd, struct err *err)
{
	if (!bundle_find(bundle, LOCALE "/LC_CTYPE")) {
		return 0;
	}
	for (const char *at = languages; *at; at += strspn(at, " ")) {
		size_t length = strcspn(at, " ");
		cleanup_free char *path = mem_printf("%s/locale/%.*s.utf8", top, (int)length, at);
		if (symlinkat("C.UTF-8", to_fd, path) < 0) {
			return err_set(err, errno, "make link '%s'", path);
		}
		at += length;
	}
	return 0;
}

/* The directories of the output in which a path ends like this, "${ROOT}/DIR:" each. */
static void
add_shipped(const struct entries *entries, const char *name, unsigned up, struct buf *text)
{
	const char *last = "";
	size_t last_length = 0;

	for (size_t i = 0; i < entries->count; i++) {
		const char *path = entries->items[i]->path;
		size_t length = strlen(path);
		if (entries->items[i]->type != ENTRY_FILE || path_resources(path) ||
			strcmp(path_name(path), name) != 0) {
			continue;
		}
		for (unsigned k = 0; k <= up && length > 0; k++) {
			const char *slash = memrchr(path, '/', length);
			length = slash ? (size_t)(slash - path) : 0;
		}
		/* they are sorted: the locales of one directory stand together */
		if (length != last_length || memcmp(path, last, length) != 0) {
			buf_printf(
				text, "${ROOT}%s%.*s:", length > 0 ? "/" : "", (int)length, path);
			last = path;
			last_length = length;
		}
	}
}

static void
put_env(const struct bundle *bundle, const char *folder, const struct buf *shipped,
	const char *name, const char *other, struct arena *arena, struct runtime_env *ret_env)
{
	*ret_env = (struct runtime_env){
		.verb = ENV_BEHIND,
		.name = name,
		.value = arena_printf(arena, "%s${ROOT}/brun-resources.d/%s/%s", buf_text(shipped),
			bundle->id, folder),
		.separator = other,
	};
}

size_t
glibc_env(const struct bundle *bundle, const struct entries *entries, struct glibc_use use,
	struct arena *arena, struct runtime_env *ret_env)
{
	cleanup_buf struct buf locales = {0}, charsets = {0};
	size_t count = 0;

	if (use.locales) {
		add_shipped(entries, "LC_CTYPE", 1, &locales);
		put_env(bundle, "locale", &locales, GLIBC_LOCALES, GLIBC_LOCPATH, arena,
			&ret_env[count++]);
	}
	if (use.charsets) {
		add_shipped(entries, "gconv-modules", 0, &charsets);
		put_env(bundle, "gconv", &charsets, GLIBC_CHARSETS, GLIBC_GCONV_PATH, arena,
			&ret_env[count++]);
	}
	return count;
}
