/* SPDX-License-Identifier: MIT */
/* $XDG_CONFIG_HOME/brun/config.json (else ~/.config/brun/config.json): one JSON object that a
 * person writes. Each reader knows its own key of it; other keys are not its to judge. */
#ifndef BRUN_CONFIG_H
#define BRUN_CONFIG_H

struct err;
struct json_t;

struct config {
	char *path;	     /* of the file, for messages; NULL where there is none */
	struct json_t *root; /* or NULL */
};

/* Reads it. One that is not there, or not ours to read (after su), is an empty one; STATUS_USAGE
 * where it is no JSON object. config_done frees. */
int config_read(struct config *ret_config, struct err *err);
void config_done(struct config *config);

#endif
