/* SPDX-License-Identifier: MIT */
#include "build/world.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/limit.h"
#include "build/step_input.h"
#include "plan/plan.h"
#include "sandbox/sandbox.h"
#include "store/store.h"
#include "tree/tree.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

static const uint64_t tmp_bytes = UINT64_C(8) << 30;

/* Room for `count` items in an array of the arena; an old array stays behind in it. */
static void *
grown(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size)
{
	if (count <= *capacity) {
		return items;
	}
	void *more = arena_alloc(arena, *capacity + 64, size);
	if (*capacity) {
		memcpy(more, items, *capacity * size);
	}
	*capacity += 64;
	return more;
}

static void
add_mount(struct world *world, enum sandbox_mount_kind kind, const char *source, const char *target)
{
	world->mounts = grown(&world->arena, world->mounts, world->mount_count + 1,
		&world->mount_capacity, sizeof(*world->mounts));
	world->mounts[world->mount_count++] = (struct sandbox_mount){
		.kind = kind,
		.source = source ? arena_strdup(&world->arena, source) : NULL,
		.target = arena_strdup(&world->arena, target),
		.size = kind == SANDBOX_TMPFS ? tmp_bytes : 0,
	};
}

void
world_set_env(struct world *world, const char *name, const char *value)
{
	size_t length = strlen(name), i = 0;

	while (i < world->env_count &&
		(strncmp(world->env[i], name, length) != 0 || world->env[i][length] != '=')) {
		i++;
	}
	world->env = grown(&world->arena, world->env, world->env_count + 2, &world->env_capacity,
		sizeof(*world->env));
	world->env[i] = arena_printf(&world->arena, "%s=%s", name, value);
	world->env_count += i == world->env_count;
	world->env[world->env_count] = NULL;
}

static void
set_all(struct world *world, const struct name_value *env, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		world_set_env(world, env[i].name, env[i].value);
	}
}

static void
set_common_env(struct world *world)
{
	world_set_env(world, "LC_ALL", "C.UTF-8");
	world_set_env(world, "TZ", "UTC");
	world_set_env(world, "TERM", "dumb");
}

static void
set_run_env(struct world *world, const struct action *action, unsigned jobs)
{
	static const struct name_value fixed[] = {
		{"PREFIX", WORLD_PREFIX},
		{"DESTDIR", WORLD_DEST},
		{"HOME", WORLD_HOME},
		{"SOURCE_DATE_EPOCH", "946684800"},
		{"PATH", WORLD_PREFIX "/bin:" WORLD_PREFIX "/sbin:/usr/sbin:/usr/bin:/sbin:/bin"},
		{"PKG_CONFIG_PATH", WORLD_PREFIX "/lib/pkgconfig:" WORLD_PREFIX "/share/pkgconfig"},
		{"CPATH", WORLD_PREFIX "/include"},
		{"LIBRARY_PATH", WORLD_PREFIX "/lib"},
		{"CMAKE_PREFIX_PATH", WORLD_PREFIX},
		{"ACLOCAL_PATH", WORLD_PREFIX "/share/aclocal"},
		{"LD_RUN_PATH", WORLD_PREFIX "/lib"},
	};

	set_common_env(world);
	set_all(world, fixed, sizeof(fixed) / sizeof(*fixed));
	world_set_env(world, "JOBS", arena_printf(&world->arena, "%u", jobs ? jobs : 1));
	set_all(world, action->run.env, action->run.env_count);
}

/* Is it a place of ours, whatever the base has there? */
static bool
is_ours(const char *name)
{
	static const char *const ours[] = {
		"build", "brun", "dest", "dev", "proc", "script", "sys", "tmp"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		if (strcmp(name, ours[i]) == 0) {
			return true;
		}
	}
	return false;
}

static void
add_entry(struct world *world, const char *top, const struct tree_entry *entry)
{
	char *target = arena_printf(&world->arena, "/%s", entry->path);

	if (entry->type == TREE_LINK) {
		add_mount(world, SANDBOX_LINK, entry->target, target);
	} else {
		add_mount(world, SANDBOX_BIND,
			arena_printf(&world->arena, "%s/%s", top, entry->path), target);
	}
}

/* With a network /etc is put together entry by entry, for it gets the host's resolv.conf. */
static bool
is_shown(const struct tree_entry *entry, bool has_network)
{
	if (!strchr(entry->path, '/')) {
		return !is_ours(entry->path) && !(has_network && strcmp(entry->path, "etc") == 0);
	}
	return has_network && strncmp(entry->path, "etc/", 4) == 0 &&
	       !strchr(entry->path + 4, '/') && strcmp(entry->path, "etc/resolv.conf") != 0;
}

static int
add_base(struct store *store, struct world *world, const struct digest *id, bool has_network,
	struct err *err)
{
	struct tree tree = {0};
	cleanup_free char *top = store_tree_path(store, id);
	int found = store_get_tree(store, id, &tree, err);

	if (found <= 0) {
		return found < 0 ? -1 : err_fail(err, STATUS_STORE, "the base '%s' is gone", top);
	}
	for (size_t i = 0; i < tree.count; i++) {
		if (is_shown(&tree.entries[i], has_network)) {
			add_entry(world, top, &tree.entries[i]);
		}
	}
	tree_done(&tree);
	return 0;
}

static int
add_network(struct world *world, struct err *err)
{
	cleanup_buf struct buf text = {0};

	if (fs_read_at(AT_FDCWD, "/etc/resolv.conf", 65536, &text, err) < 0 &&
		err->number != ENOENT) {
		return -1;
	}
	add_mount(world, SANDBOX_FILE, buf_text(&text), "/etc/resolv.conf");
	return 0;
}

/* The pieces of a script are one text; each ends its own last line. */
static char *
whole_script(struct arena *arena, const char *const *pieces)
{
	cleanup_buf struct buf text = {0};

	for (; *pieces; pieces++) {
		buf_puts(&text, *pieces);
		if (text.length && text.data[text.length - 1] != '\n') {
			buf_putc(&text, '\n');
		}
	}
	return arena_strdup(arena, buf_text(&text));
}

static void
add_common(struct world *world)
{
	add_mount(world, SANDBOX_PROC, NULL, "/proc");
	add_mount(world, SANDBOX_DEV, NULL, "/dev");
	add_mount(world, SANDBOX_TMPFS, NULL, "/tmp");
}

static void
add_places(struct store *store, struct world *world, const struct action *action,
	const struct digest *prefix, const char *place)
{
	struct arena *arena = &world->arena;

	add_common(world);
	add_mount(world, SANDBOX_DIR, NULL, "/sys");
	if (prefix) {
		cleanup_free char *path = store_tree_path(store, prefix);
		add_mount(world, SANDBOX_BIND, path, WORLD_PREFIX);
	} else {
		add_mount(world, SANDBOX_DIR, NULL, WORLD_PREFIX);
	}
	add_mount(world, SANDBOX_BIND_RW, arena_printf(arena, "%s/build", place), WORLD_BUILD);
	add_mount(world, SANDBOX_BIND_RW, arena_printf(arena, "%s/dest", place), WORLD_DEST);
	add_mount(world, SANDBOX_FILE, whole_script(arena, action->run.script), WORLD_SCRIPT);
}

int
world_of_run(struct store *store, const struct action *action, const struct digest *input_ids,
	const char *place, unsigned jobs, struct world *ret_world, struct err *err)
{
	struct world world = {0};
	const struct digest *base = step_input(action, input_ids, "base");

	assert(base);
	if (add_base(store, &world, base, action->run.network, err) < 0 ||
		(action->run.network && add_network(&world, err) < 0)) {
		world_done(&world);
		return -1;
	}
	add_places(store, &world, action, step_input(action, input_ids, "prefix"), place);
	set_run_env(&world, action, jobs);
	*ret_world = world;
	return 0;
}

void
world_of_test(struct store *store, const struct digest *output_id, const struct test_step *step,
	struct world *ret_world)
{
	struct world world = {0};
	cleanup_free char *path = store_tree_path(store, output_id);

	add_mount(&world, SANDBOX_BIND, path, WORLD_OUTPUT);
	add_common(&world);
	set_common_env(&world);
	world_set_env(&world, "PATH", WORLD_OUTPUT "/bin");
	world_set_env(&world, "HOME", "/tmp");
	set_all(&world, step->env, step->env_count);
	*ret_world = world;
}

void
world_spec(const struct world *world, const struct action *action, const struct limits *limits,
	struct sandbox_spec *ret_spec)
{
	static const char *const argv[] = {"/bin/sh", "-e", WORLD_SCRIPT, NULL};

	*ret_spec = (struct sandbox_spec){
		.mounts = world->mounts,
		.mount_count = world->mount_count,
		.argv = argv,
		.env = world->env,
		.cwd = WORLD_SOURCE,
		.network = action->run.network,
		.cancel_fd = -1,
	};
	limit_of(action, limits, &ret_spec->limits);
}

void
world_done(struct world *world)
{
	arena_done(&world->arena);
}
