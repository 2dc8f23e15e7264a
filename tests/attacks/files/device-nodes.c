/* SPDX-License-Identifier: MIT */
/* Tries: to find more devices than a build needs: the kernel's log, memory, disks, fuse, tun, kvm,
 * loop control.
 * Must be seen: none of them.
 * Known from: the devices of the host are no part of any namespace; Brioche binds all of /dev. */
#include "../attack.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ATTACK()
{
	static const char known[] =
		" null zero full random urandom tty fd stdin stdout stderr shm pts ptmx console core ";
	static const char *const wanted[] = {"kmsg", "mem", "port", "fuse", "net/tun", "kvm",
		"vhost-net", "loop-control", "sda", "vda", "uinput", "snapshot", "mapper/control",
		"vsock", "hwrng"};
	DIR *list = opendir("/dev");
	char path[300];

	for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
		snprintf(path, sizeof(path), " %s ", entry->d_name);
		must_fail(entry->d_name[0] == '.' || strstr(known, path) ? -1 : 0, "see /dev/%s",
			entry->d_name);
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		snprintf(path, sizeof(path), "/dev/%s", wanted[i]);
		must_fail(access(path, F_OK), "see %s", path);
	}
}
