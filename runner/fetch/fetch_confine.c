/* SPDX-License-Identifier: MIT */
#include "fetch/fetch_confine.h"

#include "base/descriptors.h"
#include "base/err.h"
#include "base/fs.h"

#include <errno.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* landlock(7), ABI 1: everything but reading. Descriptors that were opened elsewhere, as those that
 * fetch.c hands over, keep the rights that they were opened with. */
static const uint64_t refused =
	LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
	LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
	LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
	LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

/* The C library has no wrappers for these calls. */
static int
refuse_files(struct err *err)
{
	const struct landlock_ruleset_attr attributes = {.handled_access_fs = refused};
	cleanup_fd int ruleset =
		(int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);

	if (ruleset < 0) {
		/* No Landlock in this kernel, or not enabled. */
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : err_set(err, errno, "landlock");
	}
	return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? err_set(err, errno, "landlock")
								   : 0;
}

int
fetch_confine(struct err *err)
{
	const struct rlimit none = {0, 0};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		return err_set(err, errno, "prctl");
	}
	(void)setrlimit(RLIMIT_CORE, &none);
	descriptors_close(STDERR_FILENO + 1, ~0U);
	return refuse_files(err);
}
