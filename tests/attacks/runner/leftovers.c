/* SPDX-License-Identifier: MIT */
/* Tries: to leave things for the next step: in /tmp, /dev/shm, /dev/mqueue, shared memory,
 * keyrings, /build, sockets without a name, locks on inputs.
 * Must be seen: the next step finds none of them.
 * Known from: CVE-2024-23651 (BuildKit's shared caches); CVE-2025-46416: builds that work
 * together. */
#include "../attack.h"
#include "../inside.h"

#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const names[] = {
	"/tmp/left", "/dev/shm/left", "/build/left", "/build/home/left", "/build/source/left"};
static struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0left"};
enum { KEY = 0x6272756e, LENGTH = offsetof(struct sockaddr_un, sun_path) + 5 };

static void
leave(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		put(names[i], "left", 4);
	}
	must_be(shmget(KEY, 4096, IPC_CREAT | 0666) >= 0, "shared memory is left");
	must_be(mq_open("/left", O_RDWR | O_CREAT, 0666, NULL) != (mqd_t)-1, "a queue is left");
	syscall(SYS_add_key, "user", "left", "x", 1, -5);
	must_be(flock(open("/brun/file", O_RDONLY), LOCK_EX | LOCK_NB) == 0, "a lock is left");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	must_be(bind(fd, (struct sockaddr *)&address, LENGTH) == 0 && listen(fd, 1) == 0,
		"a socket is left");
	if (fork() == 0) {
		for (;;) {
			pause();
		}
	}
}

static void
look(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		must_fail(access(names[i], F_OK), "find %s", names[i]);
	}
	must_fail(shmget(KEY, 4096, 0), "find the shared memory");
	must_be(mq_open("/left", O_RDWR) == (mqd_t)-1, "the queue is gone");
	must_fail(syscall(SYS_request_key, "user", "left", NULL, 0), "find the key");
	must_be(flock(open("/brun/file", O_RDONLY), LOCK_EX | LOCK_NB) == 0, "the lock is gone");
	must_fail(connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, LENGTH),
		"find the socket");
}

ATTACK(.is_repeated = true)
{
	if (atoi(told("phase")) == 1) {
		leave();
	} else {
		look();
	}
}
