/* SPDX-License-Identifier: MIT */
/* Tries: to connect to sockets that have names, in a step with the host's network: a test's own,
 * and what hosts have.
 * Must be seen: none of them is there.
 * Known from: unix(7): names of sockets belong to the mount namespace; docker.sock and the like are
 * root for the asking. */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void
try(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	must_be(strlen(path) < sizeof(address.sun_path), "the name fits");
	strcpy(address.sun_path, path);
	must_fail(connect(fd, (struct sockaddr *)&address, sizeof(address)), "connect to %s", path);
	close(fd);
}

ATTACK(.has_network = true)
{
	static const char *const known[] = {"/run/docker.sock", "/var/run/docker.sock",
		"/run/dbus/system_bus_socket", "/run/systemd/private",
		"/run/containerd/containerd.sock", "/run/nscd/socket", "/tmp/.X11-unix/X0"};
	char path[200];

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		try(known[i]);
	}
	snprintf(path, sizeof(path), "%.90s/canary/socket", told("dir"));
	try(path);
}
