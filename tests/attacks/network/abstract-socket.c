/* SPDX-License-Identifier: MIT */
/* Tries: to connect to an abstract socket of the host.
 * Must be seen: an error; nobody comes to the socket.
 * Known from: CVE-2020-15257 (containerd), network_namespaces(7). */
#include "../attack.h"
#include "../inside.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

ATTACK()
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t size = strlen(told("abstract"));

	memcpy(address.sun_path + 1, told("abstract"), size);
	must_be(fd >= 0 && size > 0, "a socket can be made");
	must_fail(connect(fd, (struct sockaddr *)&address,
			  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + size)),
		"connect to it");
}
