/* SPDX-License-Identifier: MIT */
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

enum { NOTE_WORDS = 5, NOTE_LIMIT = 1 << 17, DESCRIPTOR = 3 };

/* launch.ld's. */
extern uint32_t launch_note[];
uint32_t launch_note[NOTE_WORDS + NOTE_LIMIT / 4];

long syscall6(long number, long a, long b, long c, long d, long e, long f);

/* The one under which the launcher runs now: its system calls know nothing else. */
static struct kernel *running;
static jmp_buf ended;

static void
insist(bool is_so)
{
	if (!is_so) {
		__builtin_trap();
	}
}

static long
do_open(void)
{
	char what = *running->opens;

	running->opens += running->opens[1] != '\0';
	if (what != 'p' && what != 'i') {
		return what == 'a' ? -EACCES : what == 'l' ? -ELOOP : -ENOENT;
	}
	/* RLIMIT_NOFILE may leave room for one. */
	insist(running->open < 0);
	running->open = what == 'p' ? KERNEL_PROGRAM : KERNEL_INTERPRETER;
	return DESCRIPTOR;
}

static long
do_readlink(const char *path, char *buffer, size_t size)
{
	bool is_own = strcmp(path, "/proc/self/exe") == 0;
	const char *text = is_own ? running->self : running->link;

	if (!text) {
		return is_own ? -ENOENT : -EINVAL;
	}
	size_t length = strlen(text);
	memcpy(buffer, text, length < size ? length : size);
	return (long)(length < size ? length : size);
}

static long
do_write(const struct iovec *pieces, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		const char *text = pieces[i].iov_base;
		insist(strlen(text) == pieces[i].iov_len);
		for (size_t j = 0; j < pieces[i].iov_len; j++) {
			if (at + 1 < sizeof(running->message)) {
				running->message[at++] = text[j];
			}
		}
	}
	running->message[at] = '\0';
	return (long)at;
}

static bool
is_own(uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < running->region_count; i++) {
		if (start >= running->regions[i].start && end <= running->regions[i].end) {
			return true;
		}
	}
	return false;
}

/* Aligned as a kernel with larger pages would. */
static void *
map_aligned(uint64_t length, int protection, int flags, int fd, uint64_t offset)
{
	uint64_t page = running->page_size;
	void *room = mmap(
		NULL, length + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED) {
		return MAP_FAILED;
	}
	uint64_t start = ((uint64_t)room + page - 1) & -page;
	munmap(room, length + page);
	return mmap(
		(void *)start, length, protection, flags | MAP_FIXED_NOREPLACE, fd, (off_t)offset);
}

static long
do_map(uint64_t address, uint64_t length, int protection, int flags, int fd, uint64_t offset)
{
	bool is_anonymous = flags & MAP_ANONYMOUS;
	uint64_t pages = (length + running->page_size - 1) & -running->page_size;

	insist(is_anonymous || (fd == DESCRIPTOR && running->open >= 0));
	insist(address % running->page_size == 0);
	insist(!(flags & MAP_FIXED) || is_own(address, address + pages));
	if (!is_anonymous && offset % running->page_size != 0) {
		return -EINVAL;
	}
	if (running->map_count == KERNEL_MAPS || running->region_count == KERNEL_MAPS) {
		return -ENOMEM;
	}
	fd = is_anonymous ? -1 : running->fds[running->open];
	void *at = address == 0 ? map_aligned(pages, protection, flags, fd, offset)
				: mmap((void *)address, length, protection, flags, fd,
					  is_anonymous ? 0 : (off_t)offset);
	if (at == MAP_FAILED) {
		return -errno;
	}
	if (!(flags & MAP_FIXED)) {
		running->regions[running->region_count].is_room = flags & MAP_NORESERVE;
		running->regions[running->region_count].start = (uint64_t)at;
		running->regions[running->region_count++].end = (uint64_t)at + pages;
	}
	running->maps[running->map_count++] = (struct kernel_map){
		(uint64_t)at, length, offset, protection, flags, is_anonymous ? -1 : running->open};
	return (long)at;
}

/* Room that was only looked for is free again; a hole, or room for segments to come, keeps its
 * place until the end: nothing of the tests shall get there. */
static long
do_unmap(uint64_t address, uint64_t length)
{
	for (size_t i = 0; i < running->region_count; i++) {
		if (running->regions[i].is_room && running->regions[i].start == address &&
			running->regions[i].end - address <= length) {
			running->regions[i] = running->regions[--running->region_count];
			return munmap((void *)address, length);
		}
	}
	insist(is_own(address, address + length));
	return mmap((void *)address, length, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		       0) == MAP_FAILED;
}

/* Only pages of its own, which it may write to: a page's contents stay as they are. */
static long
do_populate(uint64_t address, uint64_t length, int advice)
{
	insist(advice == MADV_POPULATE_WRITE && address % running->page_size == 0);
	insist(length == 0 || is_own(address, address + length));
	if (length > 0 && madvise((void *)address, length, advice) < 0) {
		insist(errno == EINVAL); /* before Linux 5.14 */
	}
	running->populated = address;
	running->populated_length = length;
	return 0;
}

static long
do_getcwd(char *buffer)
{
	memcpy(buffer, "/current", 9);
	return 9;
}

static long
do_read(void *to, size_t size, uint64_t offset)
{
	if (running->open < 0) {
		return -EBADF;
	}
	uint64_t left = running->files[running->open].size;
	left = offset < left ? left - offset : 0;
	ssize_t got =
		pread(running->fds[running->open], to, size < left ? size : left, (off_t)offset);

	return got < 0 ? -errno : got;
}

/* Does it end where the stack does? */
static bool
is_array(char *const *strings)
{
	char *const *start = (char *const *)running->stack, *const *end =
								    start + running->stack_words;

	while (strings >= start && strings < end && *strings) {
		strings++;
	}
	return strings >= start && strings < end;
}

long
syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	switch (number) {
	case SYS_openat:
		insist(strlen((const char *)b) > 0);
		return do_open();
	case SYS_close:
		running->open = -1;
		return 0;
	case SYS_readlinkat:
		return do_readlink((const char *)b, (char *)c, (size_t)d);
	case SYS_getcwd:
		return do_getcwd((char *)a);
	case SYS_lseek:
		return (long)running->files[running->open].size;
	case SYS_pread64:
		return do_read((void *)b, (size_t)c, (uint64_t)d);
	case SYS_mmap:
		return do_map((uint64_t)a, (uint64_t)b, (int)c, (int)d, (int)e, (uint64_t)f);
	case SYS_munmap:
		return do_unmap((uint64_t)a, (uint64_t)b);
	case SYS_openat2:
		insist(!running->link && !running->is_secure && strlen((const char *)b) > 0);
		return do_open();
	case SYS_madvise:
		return do_populate((uint64_t)a, (uint64_t)b, (int)c);
	case SYS_execve:
		insist(strlen((const char *)a) > 0 && is_array((char **)b) && is_array((char **)c));
		return -EACCES;
	case SYS_writev:
		return do_write((const struct iovec *)b, (size_t)c);
	case SYS_exit_group:
		running->status = (int)a;
		longjmp(ended, 1);
	case SYS_mprotect:
	case SYS_prctl:
		return 0;
	default:
		__builtin_trap();
	}
}

static size_t
count_strings(const char *const *strings)
{
	size_t count = 0;

	while (strings && strings[count]) {
		count++;
	}
	return count;
}

static uint64_t *
put_strings(uint64_t *at, const char *const *strings)
{
	memcpy(at, strings, count_strings(strings) * sizeof(*at));
	at += count_strings(strings);
	*at = 0;
	return at + 1;
}

/* As fs/binfmt_elf.c leaves it, with the entry's room below. */
static uint64_t *
make_stack(struct kernel *kernel)
{
	static const unsigned char random[16] = "0123456789abcdef";
	static char name[64];
	const uint64_t vector[][2] = {
		{AT_PAGESZ, kernel->page_size},
		{AT_PHDR, (uint64_t)launch_note & -kernel->page_size},
		{AT_PHNUM, 1},
		{AT_BASE, 0},
		{AT_ENTRY, 1},
		{AT_UID, 1000},
		{AT_EUID, 1000},
		{AT_GID, 1000},
		{AT_EGID, 1000},
		{AT_SECURE, kernel->is_secure},
		{AT_RANDOM, (uint64_t)random},
		{AT_EXECFN, (uint64_t)name},
		{AT_NULL, 0},
	};
	size_t words = count_strings(kernel->argv) + count_strings(kernel->environment) + 3;
	size_t pad = (LAUNCH_ROOM / 8 + words) % 2;

	/* On the stack: it can be written to. */
	snprintf(name, sizeof(name), "%s", kernel->name ? kernel->name : "bin/started");
	kernel->stack_words = LAUNCH_ROOM / 8 + words + sizeof(vector) / 8;
	kernel->stack = aligned_alloc(16, (kernel->stack_words + pad) * 8);
	insist(kernel->stack && LAUNCH_ROOM % 16 == 0);
	memset(kernel->stack, 0xee, kernel->stack_words * 8);
	uint64_t *at = kernel->stack + LAUNCH_ROOM / 8, *start = at;
	*at++ = count_strings(kernel->argv);
	at = put_strings(at, kernel->argv);
	at = put_strings(at, kernel->environment);
	memcpy(at, vector, sizeof(vector));
	return start;
}

static void
open_files(struct kernel *kernel)
{
	/* Once for all: they are filled anew each time. */
	static int fds[2] = {-1, -1};

	for (int i = 0; i < 2; i++) {
		fds[i] = fds[i] < 0 ? memfd_create("file", MFD_CLOEXEC) : fds[i];
		insist(ftruncate(fds[i], 0) == 0);
		insist(pwrite(fds[i], kernel->files[i].data, kernel->files[i].size, 0) ==
			(ssize_t)kernel->files[i].size);
		/* A larger page has zeros behind the file's end, where this kernel has nothing. */
		insist(ftruncate(fds[i], (off_t)((kernel->files[i].size + kernel->page_size - 1) &
						 -kernel->page_size)) == 0);
		kernel->fds[i] = fds[i];
	}
}

void
kernel_start(struct kernel *kernel, const void *config, size_t size)
{
	insist(size <= NOTE_LIMIT);
	open_files(kernel);
	kernel->open = kernel->status = -1;
	launch_note[0] = 5;
	launch_note[1] = (uint32_t)size;
	memcpy(launch_note + NOTE_WORDS, config, size);
	ASAN_POISON_MEMORY_REGION((char *)(launch_note + NOTE_WORDS) + size, NOTE_LIMIT - size);
	running = kernel;
	if (setjmp(ended) == 0) {
		kernel->result = launch_main(make_stack(kernel));
		insist(kernel->open < 0);
	}
	ASAN_UNPOISON_MEMORY_REGION(launch_note, sizeof(launch_note));
}

void
kernel_done(struct kernel *kernel)
{
	for (size_t i = 0; i < kernel->region_count; i++) {
		munmap((void *)kernel->regions[i].start,
			kernel->regions[i].end - kernel->regions[i].start);
	}
	free(kernel->stack);
}

uint64_t
kernel_auxiliary(const struct kernel *kernel, uint64_t type)
{
	const uint64_t *at = kernel->result.stack + kernel->result.stack[0] + 2;

	while (*at++ != 0) {
	}
	while (at[0] != AT_NULL && at[0] != type) {
		at += 2;
	}
	return at[1];
}
