/* SPDX-License-Identifier: MIT */
/* System calls, raw: a result in [-4095, -1] is a negated errno. Those of up to four arguments
 * leave the other registers as they are. Numbers and flags come from the kernel's own headers. */
#ifndef BRUN_LAUNCH_SYSCALL_H
#define BRUN_LAUNCH_SYSCALL_H

#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <stddef.h>
#include <stdint.h>

#if defined(LAUNCH_HOSTED)
/* The tests' own kernel: tests/launcher/kernel.c. */
long syscall6(long number, long a, long b, long c, long d, long e, long f);

static inline long
syscall4(long number, long a, long b, long c, long d)
{
	return syscall6(number, a, b, c, d, 0, 0);
}
#elif defined(__x86_64__)
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

static inline long
syscall4(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
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

static inline long
syscall4(long number, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
			 x2 __asm__("x2") = c, x3 __asm__("x3") = d;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}
#else
#error "no launcher for this machine"
#endif

enum { LIMIT_ERRNO = 4095, FROM_END = 2 /* SEEK_END */ };

static inline int
is_error(long result)
{
	return (unsigned long)result > (unsigned long)-LIMIT_ERRNO - 1;
}

static inline long
sys_open(const char *path)
{
	return syscall4(__NR_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
}

static inline void
sys_close(int fd)
{
	syscall4(__NR_close, fd, 0, 0, 0);
}

static inline long
sys_map(uint64_t address, uint64_t length, int protection, int flags, int fd, uint64_t offset)
{
	return syscall6(
		__NR_mmap, (long)address, (long)length, protection, flags, fd, (long)offset);
}

static inline void
sys_unmap(uint64_t address, uint64_t length)
{
	syscall4(__NR_munmap, (long)address, (long)length, 0, 0);
}

static inline long
sys_readlink(const char *path, char *buffer, size_t size)
{
	return syscall4(__NR_readlinkat, AT_FDCWD, (long)path, (long)buffer, (long)size);
}

#endif
