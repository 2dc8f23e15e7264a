/* SPDX-License-Identifier: MIT */
/* Tries: to rule the network of its own: interfaces, packet filters, tunnels, raw packets.
 * Must be seen: an error each time.
 * Known from: CVE-2016-4997 and CVE-2021-22555 (IPT_SO_SET_REPLACE); CVE-2017-6074 (DCCP, loaded by
 * opening a socket), and SCTP, L2TP, MPTCP and others likewise. */
#include "../attack.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { IPT_SO_SET_REPLACE = 64, SOCK_DCCP_TYPE = 6, DCCP = 33, SCTP = 132, L2TP = 115 };

ATTACK()
{
	struct ifreq request = {.ifr_name = "lo"};
	char table[256] = {0};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	must_fail(setsockopt(fd, IPPROTO_IP, IPT_SO_SET_REPLACE, table, sizeof(table)),
		"replace a table");
	must_fail(ioctl(fd, SIOCSIFFLAGS, &request), "take loopback down");
	request.ifr_mtu = 1500;
	must_fail(ioctl(fd, SIOCSIFMTU, &request), "set its MTU");
	must_fail(socket(AF_INET, SOCK_RAW, IPPROTO_RAW), "a raw socket");
	must_fail(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), "a raw socket of IPv6");
	must_fail(socket(AF_INET, SOCK_DCCP_TYPE, DCCP), "DCCP");
	must_fail(socket(AF_INET, SOCK_DCCP_TYPE, 0), "DCCP by its type");
	must_fail(socket(AF_INET, SOCK_SEQPACKET, SCTP), "SCTP");
	must_fail(socket(AF_INET6, SOCK_STREAM, SCTP), "SCTP as a stream");
	must_fail(socket(AF_INET, SOCK_DGRAM, L2TP), "L2TP");
	must_fail(socket(AF_INET, SOCK_PACKET, 0), "packets by an old name");
	must_fail(
		syscall(SYS_socket, AF_INET | 1L << 32, SOCK_SEQPACKET | 1L << 32, SCTP | 1L << 32),
		"SCTP by numbers that are the same to the kernel");
	for (int protocol = 2; attack_is_ours() && protocol < 300; protocol++) {
		if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP &&
			protocol != IPPROTO_ICMPV6) {
			must_fail_with(EPROTONOSUPPORT,
				socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol), "others");
		}
	}
	must_be(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) >= 0, "TCP works");
	must_be(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0, "so does UDP");
	must_fail(open("/dev/net/tun", O_RDWR), "a tunnel");
}
