/* SPDX-License-Identifier: MIT */
/* Reading headers, and mapping segments as the kernel does (fs/binfmt_elf.c). */
#include "launch.h"
#include "syscall.h"

#if defined(__x86_64__)
enum { OWN_MACHINE = EM_X86_64 };
#else
enum { OWN_MACHINE = EM_AARCH64 };
#endif

/* No segment is, or ends, beyond: sums and page ends of what is below cannot wrap. */
static const uint64_t ADDRESS_LIMIT = 1ULL << 62;

static _Noreturn void
refuse(const struct launch *launch, const struct object *object, const char *why, long error)
{
	fail(launch, EXIT_REFUSED, object->path, why, error);
}

Elf64_Phdr *
object_segment(const struct object *object, uint32_t type)
{
	for (Elf64_Phdr *segment = object->segments; segment < object->segments_end; segment++) {
		if (segment->p_type == type) {
			return segment;
		}
	}
	return NULL;
}

const Elf64_Phdr *
object_load(const struct object *object, uint64_t address, uint64_t length)
{
	for (const Elf64_Phdr *segment = object->segments; segment < object->segments_end;
		segment++) {
		uint64_t before = address - segment->p_vaddr;
		if (segment->p_type == PT_LOAD && before < segment->p_filesz &&
			length <= segment->p_filesz - before) {
			return segment;
		}
	}
	return NULL;
}

static uint64_t
page_down(const struct launch *launch, uint64_t address)
{
	return address & -launch->page_size;
}

static uint64_t
page_up(const struct launch *launch, uint64_t address)
{
	return page_down(launch, address + launch->page_size - 1);
}

static uint64_t
read_at(const struct launch *launch, const struct object *object, void *to, uint64_t size,
	uint64_t offset)
{
	long got = syscall4(
		__NR_pread64, object->fd, (long)to, (long)size, (long)(object->start + offset));

	if (is_error(got)) {
		refuse(launch, object, "", got);
	}
	return (uint64_t)got;
}

/* The file's start, in memory that stays: where the program headers are all in it, as they nearly
 * always are, this is the one read. */
static const char *
read_headers(struct launch *launch, struct object *object)
{
	enum { FIRST = 1024 };
	static const unsigned char identity[] = {
		0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT};
	Elf64_Ehdr *header = memory_take(launch, FIRST);
	uint64_t got = read_at(launch, object, header, FIRST, 0);
	uint64_t size = header->e_phnum * sizeof(Elf64_Phdr), offset = header->e_phoff;

	if (got < sizeof(*header)) {
		return ": cut off";
	}
	if (__builtin_memcmp(header->e_ident, identity, sizeof(identity)) != 0 ||
		header->e_machine != OWN_MACHINE || header->e_phentsize != sizeof(Elf64_Phdr)) {
		return ": not for this machine";
	}
	object->entry = header->e_entry;
	object->headers = offset;
	object->is_bound = header->e_type == ET_EXEC;
	if (offset % sizeof(uint64_t) == 0 && offset <= got && size <= got - offset) {
		object->segments = (Elf64_Phdr *)((char *)header + offset);
	} else {
		object->segments = memory_take(launch, size);
		if (read_at(launch, object, object->segments, size, offset) != size) {
			return ": cut off";
		}
	}
	object->segments_end = object->segments + header->e_phnum;
	return NULL;
}

/* Two segments may share a page only where that page has one protection. */
static const char *
measure(const struct launch *launch, struct object *object)
{
	uint64_t last = 0, headers = object->headers;
	uint32_t flags = 0;

	object->headers = 0;
	object->align = launch->page_size;
	for (Elf64_Phdr *segment = object->segments; segment < object->segments_end; segment++) {
		uint64_t start = segment->p_vaddr, in_file = segment->p_filesz;
		uint64_t offset = segment->p_offset, end = start + segment->p_memsz;
		if (segment->p_type != PT_LOAD) {
			continue;
		}
		if (in_file > 0 && page_down(launch, offset - start) != offset - start) {
			return ": not for this page size";
		}
		if ((start | segment->p_memsz) >= ADDRESS_LIMIT || in_file > segment->p_memsz ||
			start < last ||
			(in_file > 0 && start < object->high && segment->p_flags != flags)) {
			return ": segments in disorder";
		}
		if (offset > object->size || in_file > object->size - offset) {
			return ": cut off";
		}
		if (object->high == 0) {
			object->low = page_down(launch, start);
		}
		last = end;
		flags = segment->p_flags;
		object->high = page_up(launch, end);
		/* A power of two, or none. */
		if (segment->p_align > object->align && segment->p_align < ADDRESS_LIMIT &&
			(segment->p_align & (segment->p_align - 1)) == 0) {
			object->align = segment->p_align;
		}
		object->data = start;
		object->data_end = start + in_file;
		if (segment->p_flags & PF_X) {
			object->code = object->code_end ? object->code : start;
			object->code_end = object->data_end;
		}
		if (headers - offset < in_file) {
			object->headers = start + headers - offset;
		}
	}
	return NULL;
}

static const char *
check(const struct launch *launch, const struct object *object)
{
	const Elf64_Phdr *dynamic = object_segment(object, PT_DYNAMIC), *load = NULL;

	if (!object_load(object, object->entry, 1)) {
		return ": no entry";
	}
	if (dynamic && dynamic->p_vaddr % sizeof(uint64_t) == 0) {
		load = object_load(object, dynamic->p_vaddr, dynamic->p_filesz);
	}
	/* A static program may do without. */
	return (load && (load->p_flags & PF_R)) || (!dynamic && *launch->config.interpreter == '\0')
		       ? NULL
		       : ": no dynamic section";
}

static void
read_object(struct launch *launch, struct object *object)
{
	long size = syscall4(__NR_lseek, object->fd, 0, FROM_END, 0);

	object->size = (uint64_t)size - object->start;
	if (is_error(size) ||
		(object->start > 0 && object->size != launch->config.head->payload_size)) {
		refuse(launch, object, ": nothing at its end (stripped?)", 0);
	}
	const char *why = read_headers(launch, object);
	why = why ? why : measure(launch, object);
	why = why ? why : check(launch, object);
	if (why) {
		refuse(launch, object, why, 0);
	}
}

static int
protection_of(const Elf64_Phdr *segment)
{
	return (segment->p_flags & PF_R ? PROT_READ : 0) |
	       (segment->p_flags & PF_W ? PROT_WRITE : 0) |
	       (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

/* From the page of the segment's start on; anonymous memory where flags say so. */
static long
map_file(const struct launch *launch, const struct object *object, const Elf64_Phdr *segment,
	uint64_t address, uint64_t length, int flags)
{
	return sys_map(address, length, protection_of(segment), MAP_PRIVATE | flags, object->fd,
		object->start + page_down(launch, segment->p_offset));
}

/* Where there is room for the object, by the kernel's choice. */
static uint64_t
find_room(const struct launch *launch, const struct object *object)
{
	uint64_t length = object->high - object->low + 2 * object->align;
	long got =
		sys_map(0, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (is_error(got)) {
		refuse(launch, object, "", got);
	}
	sys_unmap((uint64_t)got, length);
	return (uint64_t)got + object->align - 1;
}

/* The first segment, at `wanted` when that is free, with room for all others behind it. That is
 * given back, for to map over something takes up to twice as long (fs/binfmt_elf.c does the same).
 * Kernels before 4.17 take MAP_FIXED_NOREPLACE for a hint. */
static void
map_first(const struct launch *launch, struct object *object, uint64_t wanted)
{
	const Elf64_Phdr *first = object_segment(object, PT_LOAD);
	uint64_t align = object->align;
	bool is_tried = object->is_bound;
	long got;

	if (wanted == 0 && align > launch->page_size) {
		wanted = find_room(launch, object);
	}
	for (;; is_tried = true) {
		if (object->is_bound) {
			wanted = object->low;
		} else if (wanted > 0) {
			wanted = (wanted & -align) + (object->low & (align - 1));
		}
		got = map_file(launch, object, first, wanted, object->high - object->low,
			(wanted > 0 ? MAP_FIXED_NOREPLACE : 0) |
				(first->p_filesz > 0 ? 0 : MAP_ANONYMOUS));
		if ((uint64_t)got == wanted || (wanted == 0 && !is_error(got))) {
			break;
		}
		if (is_tried) {
			refuse(launch, object, ": no room in memory", got);
		}
		wanted = find_room(launch, object);
	}
	object->bias = (uint64_t)got - object->low;
	uint64_t end = page_up(launch, first->p_vaddr + first->p_filesz);
	if (end < object->high) {
		sys_unmap(object->bias + end, object->high - end);
	}
}

/* What is about to be written to anyway becomes the process's own at once, without a fault for each
 * page. Before Linux 5.14, nothing happens. */
static void
copy_pages(const struct object *object, uint64_t start, uint64_t end)
{
	uint64_t length = end - start;

	syscall4(__NR_madvise, (long)(object->bias + start),
		(long)(object->written < length ? object->written : length), MADV_POPULATE_WRITE,
		0);
}

/* What the file has of the first segment is there already; `from` is where the one before this one
 * ended. */
static uint64_t
map_segment(const struct launch *launch, const struct object *object, const Elf64_Phdr *segment,
	uint64_t from)
{
	uint64_t start = page_down(launch, segment->p_vaddr), bss = start, bias = object->bias;
	uint64_t file_end = segment->p_vaddr + segment->p_filesz;
	uint64_t end = page_up(launch, segment->p_vaddr + segment->p_memsz);
	long got = 0;

	if (segment->p_filesz > 0) {
		bss = page_up(launch, file_end);
		if (segment != object_segment(object, PT_LOAD)) {
			got = map_file(
				launch, object, segment, bias + start, bss - start, MAP_FIXED);
		}
	} else if (bss < from) {
		bss = from;
	}
	if (!is_error(got) && end > bss) {
		got = map_file(
			launch, object, segment, bias + bss, end - bss, MAP_FIXED | MAP_ANONYMOUS);
	}
	if (is_error(got)) {
		refuse(launch, object, "", got);
	}
	if (segment->p_filesz > 0 && (segment->p_flags & PF_W)) {
		copy_pages(object, start, bss);
		/* Up to the page's end: ld.so takes its first memory from there. */
		if (segment->p_memsz > segment->p_filesz) {
			__builtin_memset((void *)(bias + file_end), 0, bss - file_end);
		}
	}
	return end > from ? end : from;
}

void
object_map(struct launch *launch, struct object *object, uint64_t wanted)
{
	uint64_t from;

	read_object(launch, object);
	map_first(launch, object, wanted);
	from = object->low;
	for (Elf64_Phdr *segment = object->segments; segment < object->segments_end; segment++) {
		if (segment->p_type == PT_LOAD && segment->p_memsz > 0) {
			from = map_segment(launch, object, segment, from);
		}
	}
	sys_close(object->fd);
}
