/* SPDX-License-Identifier: MIT */
/* Tries: to open files outside by their names, and names that every host has.
 * Must be seen: none of them is there.
 * Known from: SANDBOX: the root holds what the step was given; what is not mounted has no name. */
#include "../attack.h"
#include "../inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

ATTACK()
{
	static const char *const names[] = {
		"canary/secret", "canary/open", "canary/below/secret", "store", "recipes", "tmp"};
	static const char known[] = " bin brun build dest dev proc script sys tmp ";
	static const char *const host[] = {
		"/root", "/home", "/run", "/var", "/boot", "/etc/shadow", "/etc/passwd"};
	char path[4300];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", told("dir"), names[i]);
		show(path);
		must_fail(access(path, F_OK), "see %s", path);
	}
	for (size_t i = 0; i < sizeof(host) / sizeof(*host); i++) {
		must_fail(access(host[i], F_OK), "see %s", host[i]);
	}
	DIR *root = opendir("/");
	for (struct dirent *entry; root && (entry = readdir(root)) != NULL;) {
		snprintf(path, sizeof(path), " %s ", entry->d_name);
		must_fail(entry->d_name[0] == '.' || strstr(known, path) ? -1 : 0, "see /%s",
			entry->d_name);
	}
}
