/* SPDX-License-Identifier: MIT */
/* Tries: to take more memory than it is allowed by files in memory whose descriptors lie in the
 * queues of sockets only, where no table of a process shows them.
 * Must be seen: the step is stopped.
 * Known from: unix(7), SCM_RIGHTS. */
#include "../attack.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static void
send_away(int socket, int file)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	char letter = 0;
	struct iovec byte = {.iov_base = &letter, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};

	memcpy(CMSG_DATA(&control.header), &file, sizeof(file));
	must_be(sendmsg(socket, &message, 0) == 1, "a descriptor is sent");
	close(file);
}

ATTACK(.status = 9, .limits = "memory = 134217728", .says = "more memory than")
{
	enum { PART = 1 << 20 };
	static char part[PART];
	int ends[2];

	memset(part, 1, sizeof(part));
	must_be(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "there are sockets");
	for (int i = 0; i < 20; i++) {
		int file = memfd_create("part", 0);
		for (int j = 0; file >= 0 && j < 20; j++) {
			must_be(write(file, part, PART) == PART, "a part is taken");
		}
		send_away(ends[0], file);
	}
	for (;;) {
		pause();
	}
}
