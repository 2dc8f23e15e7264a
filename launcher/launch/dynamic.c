/* SPDX-License-Identifier: MIT */
/* What the bundled interpreter reads instead of the program's own dynamic section. It adds d_val to
 * the string table's address without a bound (glibc elf/dl-load.c, musl ldso/dynlink.c), so an
 * entry can name any string in memory. Program headers and dynamic section are copies, for there
 * is no room for more entries in place; the program's own pages stay as the file has them. */
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

static Elf64_Dyn *
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
redirect(const struct object *program, Elf64_Phdr *segment, const void *to, uint64_t size)
{
	segment->p_vaddr = segment->p_paddr = (uint64_t)to - program->bias;
	segment->p_filesz = segment->p_memsz = size;
}

Elf64_Phdr *
dynamic_copy(struct launch *launch, const struct object *program, const struct object *interpreter)
{
	uint64_t size = program->elf.segment_count * sizeof(Elf64_Phdr);
	Elf64_Phdr *copy = memory_take(launch, size);

	for (uint16_t i = 0; i < program->elf.segment_count; i++) {
		copy[i] = elf_segment(&program->elf, i);
		if (copy[i].p_type == PT_PHDR) {
			redirect(program, &copy[i], copy, size);
		} else if (copy[i].p_type == PT_INTERP) {
			redirect(program, &copy[i], interpreter->path,
				text_length(interpreter->path) + 1);
		} else if (copy[i].p_type == PT_DYNAMIC) {
			uint64_t entries_size;
			const void *entries =
				copy_entries(launch, program, &copy[i], &entries_size);
			redirect(program, &copy[i], entries, entries_size);
		}
	}
	return copy;
}

/* An entry's value in the object's own dynamic section; 0 where there is none. */
static Elf64_Dyn *
find_entry(const struct object *object, int64_t tag)
{
	Elf64_Phdr segment = object_segment(object, PT_DYNAMIC);
	Elf64_Dyn *entries = object_at(object, segment.p_vaddr, segment.p_filesz);

	for (uint64_t i = 0; entries && i < segment.p_filesz / sizeof(*entries); i++) {
		if (entries[i].d_tag == tag) {
			return &entries[i];
		}
	}
	return NULL;
}

/* The table's 4-byte word i. */
static const uint32_t *
word_at(const struct object *object, uint64_t table, uint64_t i)
{
	return object_at(object, table + i * sizeof(uint32_t), sizeof(uint32_t));
}

/* Looks _r_debug up by DT_GNU_HASH: count of buckets, first symbol, words of bloom filter, shift,
 * filter, buckets, chains. */
static const Elf64_Sym *
find_debug(const struct object *object)
{
	static const char name[] = "_r_debug";
	enum { HASH = 0x5475103c };
	const Elf64_Dyn *hash = find_entry(object, DT_GNU_HASH),
			*symbols = find_entry(object, DT_SYMTAB),
			*strings = find_entry(object, DT_STRTAB);

	if (!hash || !symbols || !strings || hash->d_un.d_ptr % sizeof(uint32_t) != 0) {
		return NULL;
	}
	uint64_t table = hash->d_un.d_ptr;
	const uint32_t *head = object_at(object, table, 4 * sizeof(*head));
	if (!head || head[0] == 0) {
		return NULL;
	}
	uint64_t buckets = 4 + 2 * (uint64_t)head[2], chains = buckets + head[0];
	const uint32_t *bucket = word_at(object, table, buckets + HASH % head[0]);
	for (uint64_t i = bucket ? *bucket : 0; i >= head[1];) {
		const uint32_t *link = word_at(object, table, chains + i - head[1]);
		const Elf64_Sym *symbol = object_at(
			object, symbols->d_un.d_ptr + i * sizeof(*symbol), sizeof(*symbol));
		if (!link || !symbol) {
			return NULL;
		}
		const char *text =
			object_at(object, strings->d_un.d_ptr + symbol->st_name, sizeof(name));
		if ((*link | 1) == (HASH | 1) && text &&
			__builtin_memcmp(text, name, sizeof(name)) == 0) {
			return symbol;
		}
		if (*link & 1) {
			return NULL;
		}
		i++;
	}
	return NULL;
}

bool
dynamic_set_debug(const struct object *program, const struct object *interpreter)
{
	const Elf64_Sym *symbol = find_debug(interpreter);
	Elf64_Dyn *entry = find_entry(program, DT_DEBUG);

	if (!symbol || !entry || !(object_segment(program, PT_DYNAMIC).p_flags & PF_W)) {
		return false;
	}
	entry->d_un.d_ptr = interpreter->bias + symbol->st_value;
	return true;
}
