/* SPDX-License-Identifier: MIT */
/* Tries: in a step with the host's network, to change an interface, to add an address and a route,
 * to listen to the wire.
 * Must be seen: an error each time.
 * Known from: capabilities(7): CAP_NET_ADMIN and CAP_NET_RAW count in the namespace that owns the
 * network; netlink(7). */
#include "../attack.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

ATTACK(.has_network = true)
{
	struct ifreq request = {.ifr_name = "lo"};
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} message = {{sizeof(message), RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0},
		{.ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP}};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[512];
	} answer = {0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	must_be(ioctl(fd, SIOCGIFFLAGS, &request) == 0, "the interface can be seen");
	must_fail(ioctl(fd, SIOCSIFFLAGS, &request), "set it as it is");
	must_be(send(netlink, &message, sizeof(message), 0) > 0 &&
			recv(netlink, &answer, sizeof(answer), 0) > 0,
		"netlink answers");
	must_be(answer.header.nlmsg_type == NLMSG_ERROR && answer.error.error < 0,
		"with an error, where it should set the interface");
	must_fail(socket(AF_INET, SOCK_RAW, 1), "a raw socket");
	must_fail(socket(AF_PACKET, SOCK_RAW, 0), "a packet socket");
	must_fail(setsockopt(fd, SOL_SOCKET, SO_MARK, &(int){1}, sizeof(int)), "a mark");
	must_fail(bind(socket(AF_INET, SOCK_STREAM, 0),
			  (struct sockaddr *)&(struct sockaddr){
				  .sa_family = AF_INET, .sa_data = {0, 81}},
			  16),
		"bind a low port");
}
