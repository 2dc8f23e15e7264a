/* SPDX-License-Identifier: MIT */
#include "spawn.h"

#include "err.h"

#include <errno.h>
#include <string.h>

int
spawn_failed(const char *what, int number, struct err *err)
{
	if (number == EAGAIN || number == ENOMEM) {
		err_set(err, number, "%s", what);
		return err_hint(
			err, "too many processes, or too little memory: see ulimit -u and free");
	}
	/* Of clone(2) there is none of these; a C library may have tried clone3 and not been told
	 * ENOSYS, which is what it takes for the other one. */
	if (number != EPERM && number != EACCES && number != ENOSYS) {
		return err_set(err, number, "%s", what);
	}
	err_fail(err, STATUS_SANDBOX, "%s: %s", what, strerrordesc_np(number));
	return err_hint(err,
		"the system call filter around this process refuses clone or clone3: if this is a "
		"container, start it with --security-opt seccomp=unconfined, or by a newer docker or "
		"podman");
}
