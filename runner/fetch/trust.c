/* SPDX-License-Identifier: MIT */
#include "fetch/trust.h"

#include <stdlib.h>

void
trust_protocols(CURL *easy, bool is_file, bool https_only)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, is_file ? "http,https,file" : "http,https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, https_only ? "https" : "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
		(long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | (is_file ? CURLPROTO_FILE : 0)));
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS,
		(long)(CURLPROTO_HTTPS | (https_only ? 0 : CURLPROTO_HTTP)));
#endif
}

/* libcurl alone does not look at these variables. */
void
trust_authorities(CURL *easy)
{
	const char *bundle = getenv("CURL_CA_BUNDLE");
	const char *file = bundle && *bundle ? bundle : getenv("SSL_CERT_FILE");
	const char *directory = getenv("SSL_CERT_DIR");

	if (file && *file) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, file);
	}
	if (directory && *directory) {
		curl_easy_setopt(easy, CURLOPT_CAPATH, directory);
	}
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}
