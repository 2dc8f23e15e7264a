/* SPDX-License-Identifier: MIT */
#include "tree/dpkg.h"

#include "base/buf.h"
#include "plan/plan.h"
#include "tree/gather.h"

#include <string.h>

static void
add_file(struct gather *gather, const char *path, const struct buf *text)
{
	gather_add_file(gather, TREE_FILE, path,
		arena_strndup(&gather->arena, buf_text(text), text->length), text->length);
}

void
dpkg_add_list(struct gather *gather, const struct plan_package *package, const struct tree *tree)
{
	cleanup_buf struct buf list = {0};

	buf_puts(&list, "/.\n");
	for (size_t i = 0; i < tree->count; i++) {
		/* A line is a path; dpkg refuses archives with others. */
		if (!strchr(tree->entries[i].path, '\n')) {
			buf_printf(&list, "/%s\n", tree->entries[i].path);
		}
	}
	add_file(gather, arena_printf(&gather->arena, "var/lib/dpkg/info/%s.list", package->name),
		&list);
}

/* dpkg warns where there is no Maintainer or no Description. Both are the archive's to tell, as the
 * relations are. */
static void
add_stanza(struct buf *status, const struct plan_package *package)
{
	buf_printf(status,
		"Package: %s\nStatus: install ok installed\nMaintainer: unknown\n"
		"Architecture: %s\n",
		package->name, package->architecture);
	if (strcmp(package->source, package->name) != 0) {
		buf_printf(status, "Source: %s\n", package->source);
	}
	buf_printf(status, "Version: %s\nDescription: %s\n\n", package->version, package->name);
}

void
dpkg_add_status(struct gather *gather, const struct plan_package *packages, size_t count)
{
	cleanup_buf struct buf status = {0};

	for (size_t i = 0; i < count; i++) {
		add_stanza(&status, &packages[i]);
	}
	add_file(gather, "var/lib/dpkg/status", &status);
}
