/* SPDX-License-Identifier: MIT */
/* The address of a cache, as a person writes it:
 *
 *	/DIR  file:///DIR                   a folder
 *	http://…  https://…                 GET, HEAD and PUT of URL/ac/HEX and URL/cas/HEX
 *	s3://BUCKET[/PREFIX][?region=R][&endpoint=URL]
 *	                                    S3; with an endpoint, the bucket is in the path
 *	oci://HOST/NAME  oci+http://HOST/NAME
 *	                                    a repository of an OCI registry
 *
 * It holds no user name and no password: those are in netrc or the environment. */
#ifndef BRUN_REMOTE_ADDRESS_H
#define BRUN_REMOTE_ADDRESS_H

struct err;

struct remote_address {
	enum remote_kind { REMOTE_FOLDER, REMOTE_HTTP, REMOTE_S3, REMOTE_OCI } kind;
	char *base; /* the folder's path, or http(s)://… for names to be appended; no '/' ends it */
	char *region; /* REMOTE_S3; NULL: what the environment says */
};

/* STATUS_USAGE says what is expected. remote_address_done frees. */
int remote_address_parse(const char *text, struct remote_address *ret_address, struct err *err);
void remote_address_done(struct remote_address *address);

#endif
