/* SPDX-License-Identifier: MIT */
/* Tries: to add entropy that is none, to empty and to reseed the host's random pool.
 * Must be seen: an error each time.
 * Known from: random(4): these are for CAP_SYS_ADMIN; the pool is the whole machine's. */
#include "../attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>

ATTACK()
{
	struct {
		struct rand_pool_info info;
		unsigned bytes[4];
	} pool = {.info = {.entropy_count = 128, .buf_size = 16}};
	int fd = open("/dev/urandom", O_RDWR), bits = 8;

	must_be(fd >= 0, "the device opens");
	must_fail_with(EPERM, ioctl(fd, RNDADDENTROPY, &pool), "RNDADDENTROPY");
	must_fail_with(EPERM, ioctl(fd, RNDADDTOENTCNT, &bits), "RNDADDTOENTCNT");
	must_fail_with(EPERM, ioctl(fd, RNDCLEARPOOL), "RNDCLEARPOOL");
	must_fail_with(EPERM, ioctl(fd, RNDRESEEDCRNG), "RNDRESEEDCRNG");
}
