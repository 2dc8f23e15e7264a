/* SPDX-License-Identifier: MIT */
/* Tries: in a step with the host's network, to hand a descriptor of its output to a process
 * outside, through an abstract socket, to write to it when the step is over.
 * Must be seen: EPERM; nobody comes to the socket.
 * Known from: CVE-2024-27297 and CVE-2025-46416 (Nix: descriptors of an output handed from build to
 * build). */
#include "../attack.h"
#include "../inside.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

ATTACK(.has_network = true)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t size = strlen(told("abstract"));

	if (syscall(444, NULL, 0, 1) < 6) {
		cannot_tell("no Landlock with scopes (Linux 6.12)");
	}
	memcpy(address.sun_path + 1, told("abstract"), size);
	must_fail_with(EPERM,
		connect(fd, (struct sockaddr *)&address,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + size)),
		"connect to it");
}
