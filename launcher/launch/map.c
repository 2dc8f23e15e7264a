/* SPDX-License-Identifier: MIT */
/* Reading headers, and mapping segments as the kernel does (fs/binfmt_elf.c). */
#include "launch.h"
#include "syscall.h"

#if defined(__x86_64__)
enum { OWN_MACHINE = EM_X86_64 };
#else
enum { OWN_MACHINE = EM_AARCH64 };
#endif

static _Noreturn void
refuse(const struct launch *launch, const struct object *object, const char *why, long error)
{
	fail(launch, EXIT_REFUSED, object->path, why ? ": " : NULL, why, error);
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

void *
object_at(const struct object *object, uint64_t address, uint64_t length)
{
	uint64_t offset;

	return elf_offset(&object->elf, address, length, &offset) ? (void *)(object->bias + address)
								  : NULL;
}

static uint64_t
page_down(const struct launch *launch, uint64_t address)
{
	return address & ~(launch->page_size - 1);
}

static uint64_t
page_up(const struct launch *launch, uint64_t address)
{
	return page_down(launch, address + launch->page_size - 1);
}

static void
read_at(const struct launch *launch, const struct object *object, void *to, uint64_t size,
	uint64_t offset)
{
	long got = syscall6(__NR_pread64, object->fd, (long)to, (long)size,
		(long)(object->start + offset), 0, 0);

	if (is_error(got) || (uint64_t)got != size) {
		refuse(launch, object, "cannot be read", is_error(got) ? got : 0);
	}
}

/* The headers, wherever they lie: the object's elf gets them by way of its own copy of the table.
 */
static const char *
read_headers(struct launch *launch, struct object *object)
{
	Elf64_Ehdr header;

	if (object->size < sizeof(header)) {
		return "cut off";
	}
	read_at(launch, object, &header, sizeof(header), 0);
	const char *why = elf_open(&header, object->size, &object->elf);
	if (!why) {
		uint64_t size = object->elf.segment_count * sizeof(Elf64_Phdr);
		object->segments = memory_take(launch, size);
		object->segments_end = object->segments + object->elf.segment_count;
		read_at(launch, object, object->segments, size, header.e_phoff);
		object->elf.data = (unsigned char *)object->segments - header.e_phoff;
	}
	return why;
}

static const char *
check(const struct launch *launch, const struct object *object, bool is_program)
{
	const struct elf *elf = &object->elf;
	const char *why = elf_check_segments(elf, launch->page_size, object->size);
	const Elf64_Phdr *dynamic = object_segment(object, PT_DYNAMIC);
	uint64_t offset;

	if (why) {
		return why;
	}
	if (elf->header.e_machine != OWN_MACHINE ||
		(elf->header.e_type != ET_DYN && !(is_program && elf->header.e_type == ET_EXEC))) {
		return "not for this machine";
	}
	if (!elf_offset(elf, elf->header.e_entry, 1, &offset)) {
		return "misplaced entry";
	}
	/* An empty one might begin where a segment ends. */
	if (dynamic && (dynamic->p_vaddr % sizeof(uint64_t) != 0 || dynamic->p_filesz == 0 ||
			       !elf_offset(elf, dynamic->p_vaddr, dynamic->p_filesz, &offset))) {
		return "misplaced dynamic section";
	}
	if (is_program && launch->config.kind != CONFIG_STATIC &&
		(!dynamic || !object_segment(object, PT_INTERP))) {
		return "not a dynamic program";
	}
	return NULL;
}

static void
measure_segment(const struct launch *launch, struct object *object, const Elf64_Phdr *segment)
{
	uint64_t start = segment->p_vaddr, end = start + segment->p_filesz;
	uint64_t headers = object->elf.header.e_phoff - segment->p_offset;

	if (object->high == 0) {
		object->low = page_down(launch, start);
		object->align = launch->page_size;
	}
	object->high = page_up(launch, start + segment->p_memsz);
	if (segment->p_align > object->align && (segment->p_align & (segment->p_align - 1)) == 0) {
		object->align = segment->p_align;
	}
	if (segment->p_flags & PF_X) {
		object->code = object->code_end ? object->code : start;
		object->code_end = end;
	}
	object->data = start;
	object->data_end = end;
	if (headers < segment->p_filesz) {
		object->headers = start + headers;
	}
}

void
object_read(struct launch *launch, struct object *object, bool is_program)
{
	long size = syscall6(__NR_lseek, object->fd, 0, FROM_END, 0, 0, 0);
	uint64_t payload = is_program ? launch->config.payload_size : 0;

	object->size = (uint64_t)size - object->start;
	if (is_error(size) || (payload > 0 && object->size != payload)) {
		refuse(launch, object, "no program at its end (was it stripped?)", 0);
	}
	const char *why = read_headers(launch, object);
	why = why ? why : check(launch, object, is_program);
	if (why) {
		refuse(launch, object, why, 0);
	}
	for (Elf64_Phdr *segment = object->segments; segment < object->segments_end; segment++) {
		if (segment->p_type == PT_LOAD) {
			measure_segment(launch, object, segment);
		}
	}
}

/* Addresses without anything behind them, at `address` when that is free; 0: where the kernel
 * likes. */
static long
reserve_at(uint64_t address, uint64_t length)
{
	return sys_map(address, length, 0,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			(address > 0 ? MAP_FIXED_NOREPLACE : 0),
		-1, 0);
}

/* Kernels before 4.17 take the flag for a hint: only the very address will do. */
static uint64_t
reserve(const struct launch *launch, const struct object *object, uint64_t wanted)
{
	uint64_t length = object->high - object->low, slack = object->align - launch->page_size;
	uint64_t misfit = object->low & (object->align - 1);
	bool is_bound = object->elf.header.e_type == ET_EXEC;

	if (is_bound || wanted > 0) {
		wanted = is_bound ? object->low : (wanted & ~(object->align - 1)) + misfit;
		if ((uint64_t)reserve_at(wanted, length) == wanted) {
			return wanted;
		}
	}
	long got = is_bound ? -ENOMEM : reserve_at(0, length + slack);
	if (is_error(got)) {
		refuse(launch, object, "reserve its addresses", got);
	}
	uint64_t start = (uint64_t)got;
	misfit = (misfit - start) & (object->align - 1);
	if (slack > 0) {
		sys_unmap(start, misfit);
		sys_unmap(start + misfit + length, slack - misfit);
	}
	return start + misfit;
}

static int
protection_of(const Elf64_Phdr *segment)
{
	return (segment->p_flags & PF_R ? PROT_READ : 0) |
	       (segment->p_flags & PF_W ? PROT_WRITE : 0) |
	       (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

/* One segment over its part of the reservation; `from` is where the one before it ended. */
static uint64_t
map_segment(const struct launch *launch, const struct object *object, const Elf64_Phdr *segment,
	uint64_t from)
{
	uint64_t start = page_down(launch, segment->p_vaddr);
	uint64_t file_end = segment->p_vaddr + segment->p_filesz;
	uint64_t bss = segment->p_filesz > 0 ? page_up(launch, file_end) : start;
	uint64_t end = page_up(launch, segment->p_vaddr + segment->p_memsz);
	int protection = protection_of(segment);
	long got = 0;

	if (segment->p_filesz > 0) {
		got = sys_map(object->bias + start, bss - start, protection,
			MAP_PRIVATE | MAP_FIXED, object->fd,
			object->start + page_down(launch, segment->p_offset));
	} else if (bss < from) {
		bss = from;
	}
	if (!is_error(got) && end > bss) {
		got = sys_map(object->bias + bss, end - bss, protection,
			MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
	}
	if (is_error(got)) {
		refuse(launch, object, "map a segment", got);
	}
	/* Up to the page's end: ld.so takes its first memory from there. */
	if (segment->p_filesz > 0 && segment->p_memsz > segment->p_filesz &&
		(segment->p_flags & PF_W)) {
		__builtin_memset((void *)(object->bias + file_end), 0, bss - file_end);
	}
	if (start > from) {
		sys_unmap(object->bias + from, start - from);
	}
	return end > from ? end : from;
}

void
object_map(struct launch *launch, struct object *object, uint64_t random)
{
	uint64_t from = object->low;

	object->bias = reserve(launch, object, random) - object->low;
	for (Elf64_Phdr *segment = object->segments; segment < object->segments_end; segment++) {
		if (segment->p_type == PT_LOAD && segment->p_memsz > 0) {
			from = map_segment(launch, object, segment, from);
		}
	}
	sys_close(object->fd);
}
