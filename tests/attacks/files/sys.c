/* SPDX-License-Identifier: MIT */
/* Tries: to find the host's /sys: uevent_helper, which the kernel runs as root, firmware, debugging
 * and tracing.
 * Must be seen: an empty directory.
 * Known from: Documentation/ABI/testing/sysfs-uevent and kobject_uevent.c: uevent_helper is
 * executed on the host. */
#include "../attack.h"

#include <dirent.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mount.h>

ATTACK()
{
	DIR *list = opendir("/sys");

	must_be(list != NULL || !attack_is_ours(), "/sys is there");
	for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
		must_fail(entry->d_name[0] == '.' ? -1 : 0, "see /sys/%s", entry->d_name);
	}
	must_fail(open("/sys/kernel/uevent_helper", O_WRONLY), "open uevent_helper");
	must_fail(mount("sysfs", "/build", "sysfs", 0, NULL), "mount sysfs");
	must_fail(mount("debugfs", "/build", "debugfs", 0, NULL), "mount debugfs");
	must_fail(mount("tracefs", "/build", "tracefs", 0, NULL), "mount tracefs");
	must_fail(mount("securityfs", "/build", "securityfs", 0, NULL), "mount securityfs");
}
