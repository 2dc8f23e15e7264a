/* SPDX-License-Identifier: MIT */
/* Whom a request trusts: the same for everything that curl is asked to do. */
#ifndef BRUN_TRUST_H
#define BRUN_TRUST_H

#include <curl/curl.h>
#include <stdbool.h>

/* Allows http, https and, where is_file, file; after a redirect only http and https, and with
 * https_only not http. */
void trust_protocols(CURL *easy, bool is_file, bool https_only);

/* The system's certificate authorities, or those of CURL_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR
 * as the curl program has it. */
void trust_authorities(CURL *easy);

#endif
