/* SPDX-License-Identifier: MIT */
/* Tries: to reach a server on the host's loopback, by TCP and UDP, and the world.
 * Must be seen: refused and unreachable; nobody comes.
 * Known from: network_namespaces(7). */
#include "../attack.h"
#include "../inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

ATTACK()
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(told("port"))),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);

	must_fail_with(ECONNREFUSED, connect(fd, (struct sockaddr *)&address, sizeof(address)),
		"connect to the host's loopback");
	address.sin_port = htons((uint16_t)atoi(told("udp")));
	(void)!sendto(udp, "x", 1, 0, (struct sockaddr *)&address, sizeof(address));
	address.sin_addr.s_addr = inet_addr("192.0.2.1");
	must_fail_with(ENETUNREACH, connect(fd, (struct sockaddr *)&address, sizeof(address)),
		"connect to the world");
	must_fail_with(ENETUNREACH,
		sendto(udp, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)), "send to it");
	inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr);
	int fd6 = socket(AF_INET6, SOCK_STREAM, 0);
	must_fail(fd6 < 0 ? -1 : connect(fd6, (struct sockaddr *)&six, sizeof(six)), "by IPv6");
}
