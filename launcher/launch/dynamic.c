/* SPDX-License-Identifier: MIT */
/* What the bundled interpreter reads instead of the program's own dynamic section. It adds d_val to
 * the string table's address without a bound (glibc elf/dl-load.c, musl ldso/dynlink.c), so an
 * entry can name any string in memory. Program headers and dynamic section are copies, for there
 * is no room for more entries in place; the program's own stay as the file has them. */
#include "launch.h"

/* Entries as they are appended; a string becomes its distance from the string table. */
struct copy {
	Elf64_Dyn *at;
	uint64_t strings;
};

static void
put(struct copy *copy, int64_t tag, uint64_t value)
{
	*copy->at++ = (Elf64_Dyn){.d_tag = tag, .d_un.d_val = value};
}

static void
put_string(struct copy *copy, int64_t tag, const char *text)
{
	put(copy, tag, (uint64_t)text - copy->strings);
}

/* Every library by its absolute name, and by the plain one where no other does that, so that symbol
 * versions find it; only the plain one for the interpreter, which is loaded already. ld.so compares
 * each name with all that came before. */
static void
put_needed(struct launch *launch, struct copy *copy, const char *libraries)
{
	const char *name = launch->config.needed;

	for (uint32_t left = launch->config.head->needed_count; left > 0; left--) {
		char mark = *name;
		name += mark == CONFIG_LOADED || mark == CONFIG_NAMED;
		const char *base = name, *next = name;
		for (; *next != '\0'; next++) {
			base = *next == '/' ? next + 1 : base;
		}
		if (mark != CONFIG_LOADED) {
			put_string(copy, DT_NEEDED,
				base == name ? text_join(launch, libraries, "/", name)
					     : path_of(launch, name));
		}
		if (mark != CONFIG_NAMED) {
			put_string(copy, DT_NEEDED, base);
		}
		name = next + 1;
	}
}

/* The program's own $ORIGIN entries, then ours. Where ':' in a directory's name would split it, or
 * '$' be replaced, by way of $ORIGIN: that is replaced after the split. Otherwise $ORIGIN is
 * avoided: ld.so would ask /proc for it, and not trust it with privileges. */
static const char *
search_path(struct launch *launch, const char *libraries)
{
	const struct config *config = &launch->config;
	bool is_split = text_has(libraries, ':');

	if ((!launch->is_plain || launch->is_secure) && !is_split) {
		return libraries;
	}
	if (is_split || text_has(libraries, '$')) {
		char *up = memory_take(launch, 3 * launch->levels + 9),
		     *end = text_put(up, "$ORIGIN");
		for (unsigned i = 0; i < launch->levels; i++) {
			end = text_put(end, "/..");
		}
		libraries = text_join(launch, up, "/", config->library_dir);
	}
	return text_join(launch, config->runpath, *config->runpath != '\0' ? ":" : "", libraries);
}

static void
redirect(const struct object *program, uint32_t type, const void *to, uint64_t size)
{
	Elf64_Phdr *segment = object_segment(program, type);

	if (segment) {
		segment->p_vaddr = segment->p_paddr = (uint64_t)to - program->bias;
		segment->p_filesz = segment->p_memsz = size;
	}
}

bool
dynamic_redirect(
	struct launch *launch, const struct object *program, const struct object *interpreter)
{
	const struct config *config = &launch->config;
	const Elf64_Phdr *segment = object_segment(program, PT_DYNAMIC);
	const Elf64_Phdr *load = object_load(program, segment->p_vaddr, segment->p_filesz);
	Elf64_Dyn *entry = (Elf64_Dyn *)(program->bias + segment->p_vaddr);
	uint64_t count = segment->p_filesz / sizeof(*entry), flags = DF_1_NODEFLIB;
	Elf64_Dyn *end = entry + count;
	Elf64_Dyn *first = memory_take(
		launch, (count + 2 * (uint64_t)config->head->needed_count + 3) * sizeof(*first));
	struct copy copy = {first, 0};
	const char *libraries = path_of(launch, config->library_dir);
	/* ld.so replaces $ORIGIN, $LIB and $PLATFORM in DT_NEEDED too. */
	bool is_absolute = config->head->flags == CONFIG_GLIBC && config->head->needed_count > 0 &&
			   !text_has(libraries, '$');
	bool is_shown = false;

	for (; entry < end && entry->d_tag != DT_NULL; entry++) {
		int64_t tag = entry->d_tag;
		if (tag == DT_STRTAB) {
			copy.strings = program->bias + entry->d_un.d_ptr;
		}
		if (tag == DT_DEBUG && config->head->debug > 0 && (load->p_flags & PF_W)) {
			entry->d_un.d_ptr = interpreter->bias + config->head->debug;
			is_shown = true;
		}
		if (tag == DT_FLAGS_1) {
			flags |= entry->d_un.d_val;
		} else if (tag != DT_RPATH && tag != DT_RUNPATH &&
			   (tag != DT_NEEDED || !is_absolute)) {
			*copy.at++ = *entry;
		}
	}
	if (is_absolute) {
		put_needed(launch, &copy, libraries);
	}
	put_string(&copy, DT_RPATH, search_path(launch, libraries));
	/* The host's default directories are not for what the program itself asks for. */
	put(&copy, DT_FLAGS_1, flags);
	put(&copy, DT_NULL, 0);
	redirect(program, PT_DYNAMIC, first, (uint64_t)((char *)copy.at - (char *)first));
	redirect(program, PT_INTERP, interpreter->path, text_length(interpreter->path) + 1);
	redirect(program, PT_PHDR, program->segments,
		(uint64_t)((char *)program->segments_end - (char *)program->segments));
	return is_shown;
}
