/* SPDX-License-Identifier: MIT */
/* Tries: to open sockets of every family that there is.
 * Must be seen: EAFNOSUPPORT for all but Unix, IPv4, IPv6 and route netlink; no module is loaded
 * for them.
 * Known from: CVE-2010-3904 (RDS), CVE-2017-7308 (AF_PACKET), CVE-2021-43267 (TIPC), CVE-2021-3609
 * (CAN), CVE-2019-8912 (AF_ALG). */
#include "../attack.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	static const int types[] = {
		SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, 10};
	int pair[2];

	for (long family = 0; family < 64; family++) {
		bool is_known = family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
				family == AF_NETLINK;
		for (size_t i = 0; i < sizeof(types) / sizeof(*types) && !is_known; i++) {
			must_fail_with(EAFNOSUPPORT, syscall(SYS_socket, family, (long)types[i], 0),
				"socket");
			must_fail_with(EAFNOSUPPORT,
				syscall(SYS_socketpair, family, (long)types[i], 0, pair),
				"socketpair");
		}
	}
	must_be(socket(AF_UNIX, SOCK_STREAM, 0) >= 0 && socket(AF_INET, SOCK_STREAM, 0) >= 0 &&
			socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0,
		"ordinary sockets work");
}
