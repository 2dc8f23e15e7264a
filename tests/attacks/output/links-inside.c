/* SPDX-License-Identifier: MIT */
/* Tries: to bring in what lies outside by links in the output: to files, directories, /proc and the
 * root.
 * Must be seen: the links as they are written, and nothing of what they lead to.
 * Known from: CVE-2024-27297, CVE-2018-15664 (docker cp). */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const targets[][2] = {
	{"file", "canary/secret"}, {"dir", "canary"}, {"writable", "canary/open"}};

/* Outside: each is a link still, to where it led. */
static void
check(const struct seen *seen)
{
	char path[4200], target[4200], expected[4200];

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		snprintf(path, sizeof(path), "%s/%s", seen->output, targets[i][0]);
		ssize_t length = readlink(path, target, sizeof(target) - 1);
		target[length > 0 ? length : 0] = '\0';
		snprintf(expected, sizeof(expected), "%s/%s", seen->dir, targets[i][1]);
		must_be(strcmp(target, expected) == 0, "the link is what was written");
	}
	snprintf(path, sizeof(path), "%s/exe", seen->output);
	must_be(readlink(path, target, sizeof(target)) == 14, "/proc/self/exe is a link still");
}

ATTACK(.check = check)
{
	char path[4200], name[300];

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		snprintf(path, sizeof(path), "%s/%s", told("dir"), targets[i][1]);
		snprintf(name, sizeof(name), "/dest/brun/%s", targets[i][0]);
		must_be(symlink(path, name) == 0, "a link is made");
	}
	must_be(symlink("/proc/self/exe", "/dest/brun/exe") == 0, "a link is made");
	must_be(symlink("/proc/self/fd/0", "/dest/brun/fd") == 0, "a link is made");
	must_be(symlink("../../../../../../../..", "/dest/brun/up") == 0, "a link is made");
	must_be(symlink("loop", "/dest/brun/loop") == 0, "a link is made");
}
