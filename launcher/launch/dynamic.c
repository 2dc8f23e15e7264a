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

static bool
has_byte(const char *text, char byte)
{
	while (*text != '\0' && *text != byte) {
		text++;
	}
	return *text != '\0';
}

static const char *
base_name(const char *path)
{
	const char *base = path;

	for (; *path != '\0'; path++) {
		base = *path == '/' ? path + 1 : base;
	}
	return base;
}

/* Every library by its absolute name, and by the plain one, so that symbol versions find it; only
 * the plain one for the interpreter, which is loaded already. */
static void
put_needed(struct launch *launch, struct copy *copy, const char *libraries)
{
	const struct config *config = &launch->config;
	const char *interpreter = base_name(text_of(launch, config->interpreter));

	for (uint32_t i = 0; i < config->needed_count; i++) {
		const char *path = text_of(launch, config_needed_get(config, i));
		const char *name = base_name(path);
		size_t length = text_length(name) + 1;
		if (length != text_length(interpreter) + 1 ||
			__builtin_memcmp(name, interpreter, length) != 0) {
			put_string(copy, DT_NEEDED,
				text_join(launch, name == path ? libraries : launch->root, "/",
					path));
		}
		put_string(copy, DT_NEEDED, name);
	}
}

/* The program's own $ORIGIN entries, then ours, also by way of $ORIGIN, for ':' in a directory's
 * name would split it: $ORIGIN is replaced after the split. Without /proc it cannot be replaced. */
static const char *
search_path(struct launch *launch, const char *libraries)
{
	const char *own = text_of(launch, launch->config.runpath);
	const char *directory = text_of(launch, launch->config.library_dir);
	const char *ours = text_join(
		launch, "$ORIGIN", launch->from_origin, text_join(launch, "/", directory, ""));

	if (*own) {
		ours = text_join(launch, own, ":", ours);
	}
	if (!launch->has_proc && !has_byte(libraries, ':')) {
		/* musl gives up on a path with one $ORIGIN that it cannot replace. */
		ours = launch->config.is_glibc ? text_join(launch, ours, ":", libraries)
					       : libraries;
	}
	return ours;
}

static void
put_others(struct copy *copy, const Elf64_Dyn *entries, uint64_t count, bool is_needed_kept,
	uint64_t *flags)
{
	for (uint64_t i = 0; i < count && entries[i].d_tag != DT_NULL; i++) {
		switch (entries[i].d_tag) {
		case DT_RPATH:
		case DT_RUNPATH:
			break;
		case DT_FLAGS_1:
			*flags |= entries[i].d_un.d_val;
			break;
		case DT_NEEDED:
			if (!is_needed_kept) {
				break;
			}
			/* fall through */
		default:
			*copy->at++ = entries[i];
		}
	}
}

static const Elf64_Dyn *
copy_entries(struct launch *launch, const struct object *program, const Elf64_Phdr *segment,
	uint64_t *ret_size)
{
	const struct config *config = &launch->config;
	const Elf64_Dyn *entries = object_at(program, segment->p_vaddr, segment->p_filesz);
	uint64_t count = segment->p_filesz / sizeof(*entries), flags = 0;
	uint64_t most = count + 2 * (uint64_t)config->needed_count + 3;
	Elf64_Dyn *first = memory_take(launch, most * sizeof(*first));
	struct copy copy = {first, 0};
	const char *libraries = place_path(launch, config->library_dir);
	/* ld.so replaces $ORIGIN, $LIB and $PLATFORM in DT_NEEDED too. */
	bool is_absolute =
		config->is_glibc && config->needed_count > 0 && !has_byte(libraries, '$');

	for (uint64_t i = 0; i < count && entries[i].d_tag != DT_NULL; i++) {
		if (entries[i].d_tag == DT_STRTAB) {
			copy.strings = program->bias + entries[i].d_un.d_ptr;
		}
	}
	if (is_absolute) {
		put_needed(launch, &copy, libraries);
	}
	put_others(&copy, entries, count, !is_absolute, &flags);
	put_string(&copy, DT_RPATH, search_path(launch, libraries));
	/* The host's default directories are not for what the program itself asks for. */
	put(&copy, DT_FLAGS_1, flags | DF_1_NODEFLIB);
	put(&copy, DT_NULL, 0);
	*ret_size = (uint64_t)((char *)copy.at - (char *)first);
	return first;
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

void
dynamic_redirect(
	struct launch *launch, const struct object *program, const struct object *interpreter)
{
	uint64_t size;
	const Elf64_Dyn *entries =
		copy_entries(launch, program, object_segment(program, PT_DYNAMIC), &size);

	redirect(program, PT_DYNAMIC, entries, size);
	redirect(program, PT_INTERP, interpreter->path, text_length(interpreter->path) + 1);
	redirect(program, PT_PHDR, program->segments,
		(uint64_t)((char *)program->segments_end - (char *)program->segments));
}

bool
dynamic_set_debug(
	const struct launch *launch, const struct object *program, const struct object *interpreter)
{
	const Elf64_Phdr *segment = object_segment(program, PT_DYNAMIC), *load = program->segments;
	Elf64_Dyn *entry = object_at(program, segment->p_vaddr, segment->p_filesz);
	Elf64_Dyn *end = entry + segment->p_filesz / sizeof(*entry);

	while (load->p_type != PT_LOAD || segment->p_vaddr - load->p_vaddr >= load->p_filesz) {
		load++;
	}
	while (entry < end && entry->d_tag != DT_DEBUG) {
		entry++;
	}
	if (launch->config.debug == 0 || entry == end || !(load->p_flags & PF_W)) {
		return false;
	}
	entry->d_un.d_ptr = interpreter->bias + launch->config.debug;
	return true;
}
