/* SPDX-License-Identifier: MIT */
#include "debian/debian_index.h"
#include "debian/debian_lock.h"
#include "debian/debian_version.h"

#include "base/arena.h"
#include "base/err.h"

#include <string.h>

enum { REASON_DEPTH = 12 };

/* What is known of one package of the index while the set grows. */
struct node {
	bool is_selected;
	const struct debian_package *needed_by; /* who asked first; NULL: wanted by name */
	struct debian_names depends;
};

struct resolver {
	const struct debian_index *index;
	struct debian_lock *lock;
	struct node *nodes; /* one a package, in the index's order */
	const struct debian_package **queue;
	size_t queued, done;
	struct arena arena; /* for relations and messages */
};

static struct node *
node_of(const struct resolver *resolver, const struct debian_package *package)
{
	return &resolver->nodes[package - resolver->index->packages];
}

static void
select_package(struct resolver *resolver, const struct debian_package *package,
	const struct debian_package *needed_by)
{
	struct node *node = node_of(resolver, package);

	if (!node->is_selected) {
		node->is_selected = true;
		node->needed_by = needed_by;
		resolver->queue[resolver->queued++] = package;
	}
}

/* Who can stand for a relation: the package of that name, then the providers, best first. */
struct candidates {
	const struct debian_package *real;
	const struct debian_provider *providers;
	size_t count, next;
	const struct debian_relation *relation;
};

static struct candidates
candidates_of(const struct resolver *resolver, const struct debian_relation *relation)
{
	struct candidates candidates = {
		.real = debian_index_find(resolver->index, relation->name), .relation = relation};

	candidates.providers =
		debian_index_providers(resolver->index, relation->name, &candidates.count);
	return candidates;
}

static const struct debian_package *
next_candidate(struct candidates *candidates)
{
	const struct debian_relation *relation = candidates->relation;
	const struct debian_package *real = candidates->real;

	candidates->real = NULL;
	if (real &&
		debian_version_satisfies(real->version, relation->operator, relation->version)) {
		return real;
	}
	while (candidates->next < candidates->count) {
		const struct debian_provider *provider = &candidates->providers[candidates->next++];
		if (debian_version_satisfies(
			    provider->version, relation->operator, relation->version)) {
			return provider->package;
		}
	}
	return NULL;
}

static bool
is_assumed(const struct resolver *resolver, const struct debian_relation *relation)
{
	struct candidates candidates = candidates_of(resolver, relation);
	const struct debian_package *package;

	if (debian_names_has(&resolver->lock->assumed, relation->name)) {
		return true;
	}
	while ((package = next_candidate(&candidates)) != NULL) {
		if (debian_names_has(&resolver->lock->assumed, package->name)) {
			return true;
		}
	}
	return false;
}

/* The first candidate of a group, or the first that is selected already; NULL: there is none. */
static const struct debian_package *
choose(const struct resolver *resolver, const struct debian_relation *group, size_t count,
	bool only_selected)
{
	for (size_t i = 0; i < count; i++) {
		struct candidates candidates = candidates_of(resolver, &group[i]);
		const struct debian_package *package;
		while ((package = next_candidate(&candidates)) != NULL) {
			if (!only_selected || node_of(resolver, package)->is_selected) {
				return package;
			}
		}
	}
	return NULL;
}

/* "a | b (>= 1)" */
static const char *
group_text(struct resolver *resolver, const struct debian_relation *group, size_t count)
{
	const char *text = debian_relation_text(&group[0], &resolver->arena);

	for (size_t i = 1; i < count; i++) {
		text = arena_printf(&resolver->arena, "%s | %s", text,
			debian_relation_text(&group[i], &resolver->arena));
	}
	return text;
}

/* "'a', needed by 'b', needed by 'c'": why the package is here at all. */
static const char *
reason(struct resolver *resolver, const struct debian_package *package)
{
	const char *text = arena_printf(&resolver->arena, "'%s'", package->name);
	const struct debian_package *by = node_of(resolver, package)->needed_by;

	for (size_t depth = 0; by; by = node_of(resolver, by)->needed_by, depth++) {
		if (depth == REASON_DEPTH) {
			return arena_printf(&resolver->arena, "%s, and so on", text);
		}
		text = arena_printf(&resolver->arena, "%s, needed by '%s'", text, by->name);
	}
	return text;
}

static int
satisfy(struct resolver *resolver, const struct debian_package *package,
	const struct debian_relation *group, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (is_assumed(resolver, &group[i])) {
			return 0;
		}
	}
	const struct debian_package *chosen = choose(resolver, group, count, true);
	if (!chosen) {
		chosen = choose(resolver, group, count, false);
	}
	if (!chosen) {
		err_fail(err, STATUS_SOURCE, "nothing in %s/%s satisfies '%s', needed by %s",
			resolver->lock->suite, resolver->lock->component,
			group_text(resolver, group, count), reason(resolver, package));
		return err_hint(
			err, "if the base can do without it, name it in the lock's \"assumed\"");
	}
	if (chosen != package) {
		select_package(resolver, chosen, package);
		debian_names_add(
			&node_of(resolver, package)->depends, &resolver->lock->arena, chosen->name);
	}
	return 0;
}

static int
satisfy_field(struct resolver *resolver, const struct debian_package *package, const char *name,
	const char *field, struct err *err)
{
	struct debian_relations relations;

	if (debian_relations_parse(field, &resolver->arena, &relations, err) < 0) {
		return err_wrap(err, "'%s' of '%s'", name, package->name);
	}
	for (size_t i = 0; i < relations.count;) {
		size_t end = i + 1;
		while (relations.items[end - 1].has_alternative) {
			end++;
		}
		if (satisfy(resolver, package, &relations.items[i], end - i, err) < 0) {
			return -1;
		}
		i = end;
	}
	return 0;
}

/* A virtual package cannot be wanted by its name: who provides it can. */
static void
hint_providers(const struct resolver *resolver, const char *name, struct err *err)
{
	size_t count;
	const struct debian_provider *providers =
		debian_index_providers(resolver->index, name, &count);

	for (size_t i = 0; i < count && i < 5; i++) {
		err_hint(err, "'%s' provides it: name that", providers[i].package->name);
	}
}

static int
select_wanted(struct resolver *resolver, struct err *err)
{
	const struct debian_lock *lock = resolver->lock;

	for (size_t i = 0; i < lock->wanted.count; i++) {
		const char *name = lock->wanted.items[i];
		const struct debian_package *package = debian_index_find(resolver->index, name);
		if (debian_names_has(&lock->assumed, name)) {
			return err_fail(err, STATUS_RECIPE,
				"'%s' is both wanted and assumed: it cannot be installed and left out",
				name);
		}
		if (!package) {
			err_fail(err, STATUS_SOURCE, "there is no package '%s' in %s/%s for %s",
				name, lock->suite, lock->component, lock->architecture);
			hint_providers(resolver, name, err);
			return -1;
		}
		select_package(resolver, package, NULL);
	}
	return 0;
}

static int
refuse(struct resolver *resolver, const struct debian_package *package, const char *name,
	const char *field, struct err *err)
{
	struct debian_relations relations;

	if (debian_relations_parse(field, &resolver->arena, &relations, err) < 0) {
		return err_wrap(err, "'%s' of '%s'", name, package->name);
	}
	for (size_t i = 0; i < relations.count; i++) {
		struct candidates candidates = candidates_of(resolver, &relations.items[i]);
		const struct debian_package *other;
		while ((other = next_candidate(&candidates)) != NULL) {
			/* One that conflicts with what it provides itself wants to be the only
			 * one. */
			if (other != package && node_of(resolver, other)->is_selected) {
				return err_fail(err, STATUS_SOURCE,
					"%s and %s cannot stand in one base: %s of '%s' says '%s'",
					reason(resolver, package), reason(resolver, other), name,
					package->name,
					debian_relation_text(
						&relations.items[i], &resolver->arena));
			}
		}
	}
	return 0;
}

static int
grow(struct resolver *resolver, struct err *err)
{
	while (resolver->done < resolver->queued) {
		const struct debian_package *package = resolver->queue[resolver->done++];
		if (satisfy_field(resolver, package, "Pre-Depends", package->pre_depends, err) <
				0 ||
			satisfy_field(resolver, package, "Depends", package->depends, err) < 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < resolver->queued; i++) {
		const struct debian_package *package = resolver->queue[i];
		if (refuse(resolver, package, "Conflicts", package->conflicts, err) < 0 ||
			refuse(resolver, package, "Breaks", package->breaks, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* The nodes lie in the index's order, so the pins come out sorted. */
static void
pin_selected(const struct resolver *resolver)
{
	struct debian_lock *lock = resolver->lock;

	lock->pins = arena_alloc(&lock->arena, resolver->queued, sizeof(*lock->pins));
	lock->count = 0;
	for (size_t i = 0; i < resolver->index->count; i++) {
		const struct debian_package *package = &resolver->index->packages[i];
		if (resolver->nodes[i].is_selected) {
			lock->pins[lock->count++] = (struct debian_pin){
				.name = arena_strdup(&lock->arena, package->name),
				.version = arena_strdup(&lock->arena, package->version),
				.path = arena_strdup(&lock->arena, package->path),
				.sha256 = package->sha256,
				.size = package->size,
				.depends = resolver->nodes[i].depends,
			};
		}
	}
}

int
debian_resolve(const struct debian_index *index, struct debian_lock *lock, struct err *err)
{
	struct resolver resolver = {.index = index, .lock = lock};

	resolver.nodes = arena_alloc(&resolver.arena, index->count, sizeof(*resolver.nodes));
	resolver.queue = arena_alloc(&resolver.arena, index->count, sizeof(*resolver.queue));
	int result = select_wanted(&resolver, err);
	if (result == 0) {
		result = grow(&resolver, err);
	}
	if (result == 0) {
		pin_selected(&resolver);
	}
	arena_done(&resolver.arena);
	return result;
}
