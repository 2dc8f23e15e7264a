/* SPDX-License-Identifier: MIT */
#include "run.h"
#include "sandbox.h"

int
sandbox_probe(struct err *err)
{
	static const struct sandbox_mount mounts[] = {
		{.kind = SANDBOX_PROC, .target = "/proc"},
		{.kind = SANDBOX_DEV, .target = "/dev"},
		{.kind = SANDBOX_TMPFS, .target = "/tmp", .size = 4096},
		{.kind = SANDBOX_BIND, .source = "/dev/null", .target = "/bind"},
		{.kind = SANDBOX_FILE, .source = "x", .target = "/file"},
	};
	static const char *const argv[] = {"(probe)", NULL}, *const env[] = {NULL};
	struct sandbox_spec spec = {
		.mounts = mounts,
		.mount_count = sizeof(mounts) / sizeof(*mounts),
		.argv = argv,
		.env = env,
		.cwd = "/",
		.cancel_fd = -1,
	};
	struct sandbox_result result;

	return run_spec(&spec, true, &result, err);
}
