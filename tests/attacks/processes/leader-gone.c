/* SPDX-License-Identifier: MIT */
/* Tries: to end the first thread and go on in another, so that the process looks dead.
 * Must be seen: the step lasts until the process has ended; its output is whole.
 * Known from: pthread_exit(3), NOTES: the leader stays as a zombie. */
#include "../attack.h"
#include "../inside.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_t leader;

static void *
go_on(void *unused)
{
	(void)unused;
	pthread_join(leader, NULL);
	put("/dest/brun/held", "held\n", 5);
	exit(0);
}

ATTACK()
{
	pthread_t thread;

	leader = pthread_self();
	must_be(pthread_create(&thread, NULL, go_on, NULL) == 0, "a thread starts");
	pthread_exit(NULL);
}
