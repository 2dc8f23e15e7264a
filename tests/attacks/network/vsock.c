/* SPDX-License-Identifier: MIT */
/* Tries: to talk to the hypervisor, with and without a network of its own.
 * Must be seen: EAFNOSUPPORT, a high bit of the argument or not.
 * Known from: vsock(7): the family knows no network namespaces; CVE-2021-26708. */
#include "../attack.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK(.has_network = true)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		must_fail_with(EAFNOSUPPORT, socket(AF_VSOCK, types[i], 0), "AF_VSOCK");
		must_fail_with(EAFNOSUPPORT,
			syscall(SYS_socket, (1L << 32) | AF_VSOCK, (long)types[i], 0),
			"AF_VSOCK with a high bit");
		must_fail_with(EAFNOSUPPORT,
			syscall(SYS_socket, ~0xffffffffL | AF_VSOCK, (long)types[i], 0),
			"AF_VSOCK with all high bits");
	}
}
