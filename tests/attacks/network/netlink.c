/* SPDX-License-Identifier: MIT */
/* Tries: to talk to all parts of the kernel that netlink leads to.
 * Must be seen: EAFNOSUPPORT for all but routes.
 * Known from: CVE-2013-1763 (sock_diag), CVE-2024-1086 and CVE-2022-1015 (nf_tables). */
#include "../attack.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

ATTACK()
{
	for (int protocol = 0; protocol < 32; protocol++) {
		if (protocol == NETLINK_ROUTE) {
			continue;
		}
		must_fail_with(EAFNOSUPPORT, socket(AF_NETLINK, SOCK_RAW, protocol), "netlink");
		must_fail_with(EAFNOSUPPORT,
			socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, protocol), "netlink, DGRAM");
	}
	must_be(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) >= 0, "routes can be asked for");
}
