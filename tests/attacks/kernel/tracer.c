/* SPDX-License-Identifier: MIT */
/* Tries: to let a child make a harmless call, and to change its number while the child is stopped
 * by ptrace.
 * Must be seen: EPERM for the changed call.
 * Known from: seccomp(2), NOTES: before Linux 4.8 the filter was not asked again behind a
 * tracer. */
#include "../attack.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
/* The child: makes a call that the tracer turns into mount(2). */
_Noreturn static void
be_traced(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	long result = syscall(SYS_getppid);
	_exit(result == -1 && errno == EPERM ? 0 : 1);
}

/* Runs the child from stop to stop; its wait status where it has ended. */
static int
rewrite(pid_t pid)
{
	struct user_regs_struct registers;
	int status = 0;

	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) == 0 &&
			registers.orig_rax == SYS_getppid &&
			registers.rax == (unsigned long)-ENOSYS) {
			registers.orig_rax = SYS_unshare;
			registers.rdi = 0x10000000; /* CLONE_NEWUSER */
			ptrace(PTRACE_SETREGS, pid, NULL, &registers);
		}
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	}
	return status;
}

ATTACK()
{
	pid_t pid = fork();

	if (pid == 0) {
		be_traced();
	}
	must_be(rewrite(pid) == 0, "the changed call is refused");
}
#else
ATTACK()
{
	cannot_tell("written for x86-64 only");
}
#endif
