/* SPDX-License-Identifier: MIT */
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS_MAX = 64 };

/* A call that a thread is in. */
struct thread {
	pid_t id;
	struct call call;
	int failure; /* errno that it is made to end with, or 0 */
};

struct session {
	const struct tracer *tracer;
	pid_t process;
	unsigned long calls;
	struct thread threads[THREADS_MAX];
};

static struct thread *
thread_of(struct session *session, pid_t id)
{
	for (size_t i = 0; i < THREADS_MAX; i++) {
		struct thread *thread = &session->threads[i];
		if (thread->id == id || thread->id == 0) {
			thread->id = id;
			return thread;
		}
	}
	abort();
}

/* No call has this number: the kernel answers ENOSYS, which is then written over. */
static void
replace_call(pid_t id)
{
	struct user_regs_struct registers;

	ptrace(PTRACE_GETREGS, id, NULL, &registers);
	registers.orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, id, NULL, &registers);
}

static void
replace_result(pid_t id, int failure)
{
	struct user_regs_struct registers;

	ptrace(PTRACE_GETREGS, id, NULL, &registers);
	registers.rax = (unsigned long long)-failure;
	ptrace(PTRACE_SETREGS, id, NULL, &registers);
}

static void
enter(struct session *session, struct thread *thread, const struct __ptrace_syscall_info *info)
{
	const struct tracer *tracer = session->tracer;

	thread->call = (struct call){session->process, session->calls++, info->entry.nr, {0}};
	memcpy(thread->call.arguments, info->entry.args, sizeof(thread->call.arguments));
	int verdict = tracer->before(tracer->context, &thread->call);
	thread->failure = verdict > 0 ? verdict : 0;
	if (verdict == CALL_IS_THE_LAST) {
		kill(session->process, SIGKILL);
	} else if (verdict > 0) {
		replace_call(thread->id);
	}
}

static void
leave(struct session *session, struct thread *thread, const struct __ptrace_syscall_info *info)
{
	const struct tracer *tracer = session->tracer;

	if (thread->failure) {
		replace_result(thread->id, thread->failure);
		thread->failure = 0;
	} else if (tracer->after && !info->exit.is_error) {
		tracer->after(tracer->context, &thread->call, info->exit.rval);
	}
}

static void
look_at_call(struct session *session, pid_t id)
{
	struct __ptrace_syscall_info info;
	struct thread *thread = thread_of(session, id);

	if (ptrace(PTRACE_GET_SYSCALL_INFO, id, sizeof(info), &info) <= 0) {
		return; /* it has just been killed */
	}
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		enter(session, thread, &info);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		leave(session, thread, &info);
	}
}

/* One stop of one thread: which signal it goes on with. */
static int
look_at_stop(struct session *session, pid_t id, int status)
{
	int signal = WSTOPSIG(status);

	if (signal == (SIGTRAP | 0x80)) {
		look_at_call(session, id);
		return 0;
	}
	/* Events of ptrace, and the stop that a new thread begins with. */
	return signal == SIGTRAP || signal == SIGSTOP ? 0 : signal;
}

static int
watch(struct session *session)
{
	int status, result = -1;
	pid_t id;

	while ((id = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (id <= 0) {
			continue;
		}
		if (WIFSTOPPED(status)) {
			int signal = look_at_stop(session, id, status);
			ptrace(PTRACE_SYSCALL, id, NULL, signal);
		} else if (id == session->process) {
			result = status;
		}
	}
	return result;
}

static void
become(char *const *argv, const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || ptrace(PTRACE_TRACEME) < 0) {
		_exit(126);
	}
	close(fd);
	raise(SIGSTOP);
	execv(argv[0], argv);
	_exit(127);
}

int
tracer_run(const struct tracer *tracer, char *const *argv, const char *log)
{
	struct session session = {.tracer = tracer};
	int status;
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
			     PTRACE_O_EXITKILL;

	session.process = fork();
	if (session.process == 0) {
		become(argv, log);
	}
	if (session.process < 0 || waitpid(session.process, &status, __WALL) < 0 ||
		!WIFSTOPPED(status) ||
		ptrace(PTRACE_SETOPTIONS, session.process, NULL, options) < 0) {
		return -1;
	}
	ptrace(PTRACE_SYSCALL, session.process, NULL, 0);
	return watch(&session);
}
