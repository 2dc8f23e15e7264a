/* SPDX-License-Identifier: MIT */
/* Tries: calls that nothing uses any more and nobody looks after.
 * Must be seen: EPERM or ENOSYS.
 * Known from: uselib(2), lookup_dcookie(2), _sysctl(2), create_module(2), nfsservctl(2),
 * sysfs(2). */
#include "../attack.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
must_be_gone(long result, const char *name)
{
	must_fail(result == -1 && (errno == EPERM || errno == ENOSYS) ? -1 : 0, "%s", name);
}

ATTACK()
{
#ifdef SYS_uselib
	must_be_gone(syscall(SYS_uselib, "/bin/sh"), "uselib");
	must_be_gone(syscall(SYS__sysctl, NULL), "_sysctl");
	must_be_gone(syscall(SYS_create_module, "x", 4096), "create_module");
	must_be_gone(syscall(SYS_query_module, 0, 0, 0, 0, 0), "query_module");
	must_be_gone(syscall(SYS_get_kernel_syms, 0), "get_kernel_syms");
#endif
	must_be_gone(syscall(SYS_lookup_dcookie, 0, NULL, 0), "lookup_dcookie");
	must_be_gone(syscall(SYS_nfsservctl, 0, NULL, NULL), "nfsservctl");
	must_be_gone(syscall(SYS_fanotify_init, 0, 0), "fanotify_init");
	must_be_gone(syscall(SYS_fanotify_init, 0x200, 0), "fanotify_init for anybody");
}
