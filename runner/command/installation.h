/* SPDX-License-Identifier: MIT */
/* Where brun's own parts lie, found from where its program lies: in a build directory of a
 * checkout, or installed under a prefix. */
#ifndef BRUN_INSTALLATION_H
#define BRUN_INSTALLATION_H

struct err;

/* Absolute paths, owned; zero-initialise, installation_done frees. */
struct installation {
	char *helpers; /* the directory of fetch-helper and unpack-helper */
	char *recipes; /* the recipes that come with brun */
};

/* STATUS_STORE where /proc/self/exe can't be read or a part is missing: it names both places. */
int installation_find(struct installation *ret_installation, struct err *err);
void installation_done(struct installation *installation);

#endif
