/* SPDX-License-Identifier: MIT */
/* Tries: to load and unload kernel modules.
 * Must be seen: EPERM.
 * Known from: init_module(2). */
#include "../attack.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	/* Values that would do no harm if they went through. */
	must_fail_with(EPERM, syscall(SYS_init_module, NULL, 0, ""), "init_module");
	must_fail_with(EPERM, syscall(SYS_finit_module, -1, "", 0), "finit_module");
	must_fail_with(EPERM, syscall(SYS_delete_module, "no-such-module", 0), "delete_module");
	must_fail_with(EPERM, syscall(SYS_kexec_load, 0, 0, NULL, 0), "kexec_load");
	must_fail_with(EPERM, syscall(SYS_kexec_file_load, -1, -1, 0, "", 0), "kexec_file_load");
}
