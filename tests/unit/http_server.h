/* SPDX-License-Identifier: MIT */
/* An HTTP server on loopback whose paths are switches; one thread, one answer a connection. The
 * content is HTTP_CONTENT bytes, the same for each path.
 *
 *	/plain /empty /big       200; /big is HTTP_BIG bytes
 *	/close                   200 without Content-Length
 *	/endless                 200, chunks without end
 *	/wrong                   200, other bytes
 *	/missing /gone-for-now   404; 429 with "Retry-After: 3600"
 *	/busy-N                  503 for the first N questions, then as /plain
 *	/cut                     half of it, then the rest for who asks for that range
 *	/cut-whole               half of it; after that all of it, whatever range is asked for
 *	/cut-mixed               half of it, the wrong rest, then all of it
 *	/cut-always              100 bytes of it, time and again, by range
 *	/bad-range               half of it, then a range that was not asked for; without one, all
 *	/drip /drip-once         200, a few bytes, then silence (only the first time) */
#ifndef BRUN_HTTP_SERVER_H
#define BRUN_HTTP_SERVER_H

#include <stddef.h>

enum { HTTP_CONTENT = 100000, HTTP_BIG = 8 << 20 };

struct http_server;

struct http_server *http_server_new(void);
void http_server_free(struct http_server *server);

/* "http://127.0.0.1:PORT/NAME"; the caller frees. */
char *http_server_url(struct http_server *server, const char *name);

/* All questions so far, "PATH RANGE\n" each; the caller frees. */
char *http_server_log(struct http_server *server);

/* Blocks until that many questions were asked. */
void http_server_wait(struct http_server *server, unsigned questions);

/* Byte i of the content. */
unsigned char http_content(size_t i);

#endif
