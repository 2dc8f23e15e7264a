/* SPDX-License-Identifier: MIT */
/* What a file or a packed directory holds, first as JSON, then, for people, as the same in
 * words. */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "classify.h"
#include "debugging.h"
#include "describe.h"
#include "pack.h"
#include "sources.h"
#include "summary.h"
#include "survey.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JSON_LIMIT = 64 << 20 };

/* The pack.json of each bundle, with what is wrong about the files it names. */
static int
add_bundles(struct sources *sources, json_t *bundles, json_t *problems, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t count = 0;
	cleanup_fd int fd = openat(sources->items[0].fd, "brun-resources.d",
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && fs_list_dir(fd, &names, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		cleanup_buf struct buf text = {0};
		cleanup_free char *path = mem_printf("%s/pack.json", names[i]);
		json_t *bundle = fs_read_at(fd, path, JSON_LIMIT, &text, NULL) == 0
					 ? json_loadb(text.data, text.length, 0, NULL)
					 : NULL;
		if (!json_is_object(bundle)) {
			json_decref(bundle);
			describe_problem(problems, names[i], "no pack.json that can be read");
			continue;
		}
		describe_damage(sources, names[i], bundle, problems);
		describe_put(bundles, names[i], bundle);
	}
	return 0;
}

static int
inspect_dir(int fd, json_t *root, struct err *err)
{
	const struct pack_source source = {fd, "/", "output"};
	struct sources sources;
	json_t *bundles = json_object(), *problems = json_array();

	json_object_set_new(root, "kind", json_string("directory"));
	json_object_set_new(root, "programs", json_array());
	json_object_set_new(root, "bundles", bundles);
	json_object_set_new(root, "problems", problems);
	sources_init(&sources, 1);
	sources_add(&sources, &source, true);
	int result = add_bundles(&sources, bundles, problems, err) < 0 ||
				     survey_files(&sources, root, err) < 0
			     ? -1
			     : 0;
	sources_done(&sources);
	return result;
}

static void
inspect_data(const void *data, size_t size, json_t *root)
{
	struct elf elf;
	const char *why = NULL;
	enum file_class class = file_classify(data, size, &elf, &why);

	if (class == FILE_LAUNCHER) {
		json_t *launcher = describe_launcher(data, size);
		json_object_update(root, launcher);
		json_decref(launcher);
		return;
	}
	json_object_set_new(root, "kind", json_string(file_class_name(class)));
	if (why) {
		json_object_set_new(root, "damage", json_string(why));
	}
	if (file_class_is_elf(class)) {
		describe_elf(&elf, root);
	}
}

static int
inspect_file(int fd, size_t size, json_t *root, struct err *err)
{
	void *data = size > 0 ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;

	if (data == MAP_FAILED) {
		return err_set(err, errno, "map");
	}
	inspect_data(data ? data : "", size, root);
	if (data) {
		munmap(data, size);
	}
	return 0;
}

int
pack_inspect(const char *path, bool is_json, struct buf *ret_text, struct err *err)
{
	struct stat st;
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		return err_set(err, errno, "open '%s'", path);
	}
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) {
		return err_fail(err, STATUS_USAGE, "'%s' is neither a file nor a directory", path);
	}
	json_t *root = json_object();
	int result = S_ISDIR(st.st_mode) ? inspect_dir(fd, root, err)
					 : inspect_file(fd, (size_t)st.st_size, root, err);
	if (S_ISREG(st.st_mode)) {
		debugging_describe(path, root);
	}
	if (result == 0 && S_ISDIR(st.st_mode) && !is_json) {
		summary_print(root, ret_text);
	} else if (result == 0) {
		describe_print(root, is_json, ret_text);
	}
	json_decref(root);
	return result < 0 ? err_wrap(err, "inspecting '%s'", path) : 0;
}
