/* SPDX-License-Identifier: MIT */
#include "network.h"

#include "base/fs.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int
network_raise_loopback(void)
{
	struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};
	cleanup_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(request.ifr_name, "lo", 3);
	return fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);
}

/* landlock_create_ruleset(2). Kernel headers before 6.12 lack the last member, so it stands
 * here. */
enum {
	NR_CREATE_RULESET = 444,
	NR_RESTRICT_SELF = 446,
	RULESET_VERSION = 1,
	SCOPE_ABSTRACT_SOCKETS = 1,
	ABI_WITH_SCOPES = 6,
};

struct ruleset {
	uint64_t fs, net, scoped;
};

bool
network_knows_scopes(void)
{
	return syscall(NR_CREATE_RULESET, NULL, 0, RULESET_VERSION) >= ABI_WITH_SCOPES;
}

int
network_scope_abstract_sockets(void)
{
	struct ruleset ruleset = {.scoped = SCOPE_ABSTRACT_SOCKETS};

	if (!network_knows_scopes()) {
		return 0;
	}
	cleanup_fd int fd = (int)syscall(NR_CREATE_RULESET, &ruleset, sizeof(ruleset), 0);
	return fd < 0 ? -1 : (int)syscall(NR_RESTRICT_SELF, fd, 0);
}
