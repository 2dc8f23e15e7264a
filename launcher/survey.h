/* SPDX-License-Identifier: MIT */
/* Every file of a packed directory: how much it is, what paths it names, what it may open. */
#ifndef BRUN_SURVEY_H
#define BRUN_SURVEY_H

struct err;
struct json_t;
struct sources;

/* Reads all files of the one source, bundles and all. `root` has "bundles", "programs" (launchers
 * are added), "problems" (what a launcher lacks is added), and gets
 *
 *	"size": { "files", "bytes", "programs", "libraries", "glibc" }   the last four in bytes
 *	"modules": [path, …]    of shared libraries that lie outside of the bundles
 *	"names": { PATH: { "host": [path, …], "build": [path, …], "more": count } }
 *	"opens": { PATH: [ { "library": soname, "is_there": … }, … ] }
 *
 * and "size" to each file that a bundle's pack.json lists. A file's first 256 MB are looked at, and
 * so many paths and sonames of it told as a person would read. Symlinks are not followed. */
int survey_files(struct sources *sources, struct json_t *root, struct err *err);

#endif
