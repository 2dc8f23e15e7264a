/* SPDX-License-Identifier: MIT */
/* Tries: to leave a set-id program and files for everybody in the directory that -K keeps of a
 * failed step.
 * Must be seen: nobody but the user can reach it.
 * Known from: CVE-2025-52992 (Nix, Lix, Guix: permissions of a failed build's directory). */
#include "../attack.h"
#include "../inside.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
check(const struct seen *seen)
{
	struct stat st;
	char path[4700];
	int kept = 0;

	snprintf(path, sizeof(path), "%s/store", seen->dir);
	must_be(stat(path, &st) == 0 && (st.st_mode & 07777) == 0700,
		"the store is the user's own");
	snprintf(path, sizeof(path), "%s/store/failed", seen->dir);
	DIR *list = opendir(path);
	for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
		snprintf(path, sizeof(path), "%s/store/failed/%s", seen->dir, entry->d_name);
		kept += entry->d_name[0] != '.';
		must_be(stat(path, &st) == 0 && (st.st_mode & 077) == 0, "so is the directory");
	}
	must_be(kept == 1, "it was kept");
}

ATTACK(.status = 1, .is_kept = true, .says = "is kept", .check = check)
{
	copy_self("/build/program", 06777);
	must_be(chmod("/build", 0777) == 0 && chmod("/dest", 0777) == 0, "it is for everybody");
	exit(3);
}
