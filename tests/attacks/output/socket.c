/* SPDX-License-Identifier: MIT */
/* Tries: to leave a socket.
 * Must be seen: an error that names it.
 * Known from: unix(7). */
#include "../attack.h"

#include <sys/socket.h>
#include <sys/un.h>

ATTACK(.status = 1, .says = "is a socket")
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dest/brun/socket"};

	must_be(bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address,
			sizeof(address)) == 0,
		"a socket is made");
}
