/* SPDX-License-Identifier: MIT */
/* Tries: to take over pid 1 of its namespace, which is brun's: to trace it, to read and write its
 * memory, to take its descriptors, to stop and to kill it.
 * Must be seen: an error each time; pid 1 lives.
 * Known from: ptrace(2), pidfd_getfd(2), kcmp(2); CVE-2016-9962 (runc's init was traced from
 * inside). */
#include "../attack.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

ATTACK()
{
	char byte;
	struct iovec local = {&byte, 1}, remote = {(void *)0x10000, 1};

	must_fail(ptrace(PTRACE_ATTACH, 1, NULL, NULL), "attach to pid 1");
	must_fail(ptrace(PTRACE_SEIZE, 1, NULL, NULL), "seize pid 1");
	must_fail_with(EPERM, process_vm_readv(1, &local, 1, &remote, 1, 0), "process_vm_readv");
	must_fail_with(EPERM, process_vm_writev(1, &local, 1, &remote, 1, 0), "process_vm_writev");
	must_fail(syscall(SYS_kcmp, getpid(), 1, 0, 0, 0), "kcmp");
	int pidfd = (int)syscall(SYS_pidfd_open, 1, 0);
	for (int fd = 0; pidfd >= 0 && fd < 16; fd++) {
		must_fail(
			syscall(SYS_pidfd_getfd, pidfd, fd, 0), "take descriptor %d of pid 1", fd);
	}
	must_fail(syscall(440, pidfd, &remote, 1, 4, 0), "process_madvise");
	for (int number = 1; number < 65; number++) {
		kill(1, number);
		syscall(SYS_tgkill, 1, 1, number);
		syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0);
	}
	must_be(getppid() == 1, "pid 1 is still there");
}
