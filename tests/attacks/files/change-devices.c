/* SPDX-License-Identifier: MIT */
/* Tries: to change, remove, replace and lock the host's device nodes that it is given.
 * Must be seen: an error each time; their modes, owners and times as they were.
 * Known from: mount_namespaces(7): a bound node is the host's; the step of a brun that root runs
 * owns it there. */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

ATTACK()
{
	static const char *const nodes[] = {
		"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};

	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		must_fail(chmod(nodes[i], 0666), "chmod %s", nodes[i]);
		must_fail(unlink(nodes[i]), "unlink %s", nodes[i]);
		must_fail(rename(nodes[i], "/dev/other"), "rename %s", nodes[i]);
		must_fail(utimensat(AT_FDCWD, nodes[i], NULL, 0), "touch %s", nodes[i]);
		must_fail(setxattr(nodes[i], "user.x", "y", 1, 0), "setxattr %s", nodes[i]);
	}
	if (attack_is_ours()) {
		must_fail(fchmod(0, 0666), "chmod the null device through stdin");
		must_fail(futimens(0, NULL), "touch the null device through stdin");
		must_fail(symlink("x", "/dev/new"), "make a name in /dev");
	}
}
