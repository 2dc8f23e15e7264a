/* SPDX-License-Identifier: MIT */
/* System calls, raw: a result in [-4095, -1] is a negated errno. Numbers and flags are the kernel's
 * (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h and mman-common.h). */
#ifndef BRUN_LAUNCH_SYSCALL_H
#define BRUN_LAUNCH_SYSCALL_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
enum {
	SYS_close = 3,
	SYS_lseek = 8,
	SYS_mmap = 9,
	SYS_mprotect = 10,
	SYS_munmap = 11,
	SYS_pread64 = 17,
	SYS_writev = 20,
	SYS_getcwd = 79,
	SYS_personality = 135,
	SYS_prctl = 157,
	SYS_exit_group = 231,
	SYS_openat = 257,
	SYS_readlinkat = 267,
};

static inline long
syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
enum {
	SYS_getcwd = 17,
	SYS_openat = 56,
	SYS_close = 57,
	SYS_lseek = 62,
	SYS_writev = 66,
	SYS_pread64 = 67,
	SYS_readlinkat = 78,
	SYS_personality = 92,
	SYS_exit_group = 94,
	SYS_prctl = 167,
	SYS_munmap = 215,
	SYS_mmap = 222,
	SYS_mprotect = 226,
};

static inline long
syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
			 x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = e,
			 x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#else
#error "no launcher for this machine"
#endif

enum {
	HERE = -100, /* AT_FDCWD */
	READ_ONLY = 0,
	CLOSE_ON_EXEC = 02000000,
	FROM_END = 2,
	CAN_READ = 1,
	CAN_WRITE = 2,
	CAN_EXECUTE = 4,
	GROWS_DOWN = 0x01000000,
	MAP_IS_PRIVATE = 2,
	MAP_AT = 0x10,
	MAP_ANONYMOUS_PAGES = 0x20,
	MAP_WITHOUT_RESERVE = 0x4000,
	MAP_AT_FREE = 0x100000,
	NO_ENTRY = 2,
	NO_PERMISSION = 1,
	NO_MEMORY = 12,
	NO_ACCESS = 13,
	NO_DIRECTORY = 20,
	TOO_MANY_OPEN = 24,
	LIMIT_ERRNO = 4095,
};

static inline int
is_error(long result)
{
	return (unsigned long)result > (unsigned long)-LIMIT_ERRNO - 1;
}

static inline long
sys_open(const char *path)
{
	return syscall6(SYS_openat, HERE, (long)path, READ_ONLY | CLOSE_ON_EXEC, 0, 0, 0);
}

static inline void
sys_close(int fd)
{
	syscall6(SYS_close, fd, 0, 0, 0, 0, 0);
}

static inline long
sys_map(uint64_t address, uint64_t length, int protection, int flags, int fd, uint64_t offset)
{
	return syscall6(SYS_mmap, (long)address, (long)length, protection, flags, fd, (long)offset);
}

static inline void
sys_unmap(uint64_t address, uint64_t length)
{
	syscall6(SYS_munmap, (long)address, (long)length, 0, 0, 0, 0);
}

static inline long
sys_readlink(const char *path, char *buffer, size_t size)
{
	return syscall6(SYS_readlinkat, HERE, (long)path, (long)buffer, (long)size, 0, 0);
}

#endif
