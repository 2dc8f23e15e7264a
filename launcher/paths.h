/* SPDX-License-Identifier: MIT */
/* Clean relative paths as text. */
#ifndef BRUN_PATHS_H
#define BRUN_PATHS_H

struct arena;

/* The directory part, "" for a name at the top. */
const char *path_dir(struct arena *arena, const char *path);

/* Without what a ".." takes back; none may lead above the top. */
const char *path_clean(struct arena *arena, const char *path);

/* The last component. */
const char *path_name(const char *path);

/* Where a path lies inside the resources of a packed tree ("brun-resources.d/ID/…"), the slash
 * behind the ID; else NULL. */
const char *path_resources(const char *path);

/* What leads from a directory to a path, both from the same top: "lib", "share/x" gives
 * "../share/x"; "" when they are the same. */
const char *path_relative(struct arena *arena, const char *from_dir, const char *to);

#endif
