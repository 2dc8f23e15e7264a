/* SPDX-License-Identifier: MIT */
/* Tries: system calls by int 0x80 and their 32-bit numbers, socketcall among them.
 * Must be seen: the same refusals.
 * Known from: seccomp(2), NOTES on arch; CVE-2021-22555 goes this way. */
#include "../attack.h"

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
static long
call(long number, long first, long second, long third)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(third), "S"(0L), "D"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

ATTACK()
{
	int status = 0;

	/* Where the kernel has no 32-bit entry, this ends by SIGSEGV. */
	pid_t pid = fork();
	if (pid == 0) {
		_exit(call(20, 0, 0, 0) == getpid() ? 0 : 1);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		cannot_tell("this kernel runs no 32-bit calls");
	}
	must_be(call(21, 0, 0, 0) == -EPERM, "mount is EPERM");
	must_be(call(120, CLONE_NEWUSER, 0, 0) == -EPERM, "clone is EPERM");
	must_be(call(310, CLONE_NEWUSER, 0, 0) == -EPERM, "unshare is EPERM");
	must_be(call(288, 0, 0, 0) == -EPERM, "keyctl is EPERM");
	must_be(call(357, 0, 0, 0) == -EPERM, "bpf is EPERM");
	must_be(call(425, 0, 0, 0) == -ENOSYS, "io_uring_setup is ENOSYS");
	must_be(call(435, 0, 0, 0) == -ENOSYS, "clone3 is ENOSYS");
	must_be(call(359, AF_VSOCK, SOCK_STREAM, 0) == -EAFNOSUPPORT, "AF_VSOCK is refused");
	must_be(call(102, 1, 0, 0) == -EAFNOSUPPORT, "socketcall is refused");
	must_be(call(463, 0, 0, 0) == -ENOSYS, "setxattrat is ENOSYS");
	must_be(call(54, 0, 0x5412, 0) == -EPERM, "TIOCSTI is EPERM");
	must_be(call(79, 0, 0, 0) == -EPERM, "settimeofday is EPERM");
	must_be(call(25, 0, 0, 0) == -EPERM, "stime is EPERM");
}
#else
ATTACK()
{
	cannot_tell("this machine has no other system call table");
}
#endif
