/* SPDX-License-Identifier: MIT */
#include "canaries.h"

#include "attack.h"
#include "state.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* linux/keyctl.h */
enum { JOIN_SESSION_KEYRING = 1, KEYCTL_READ = 11, SESSION_KEYRING = -3 };

static void
make_secret(struct canaries *canaries)
{
	unsigned char bytes[16] = {0};

	(void)!getrandom(bytes, sizeof(bytes), 0);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		snprintf(canaries->secret + 2 * i, 3, "%02x", bytes[i]);
	}
	setenv("BRUN_CANARY", canaries->secret, 1);
}

static void
make_file(const char *dir, const char *name, const char *text, mode_t mode)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	(void)!write(fd, text, strlen(text));
	fchmod(fd, mode);
	fsetxattr(fd, "user.canary", text, strlen(text), 0);
	close(fd);
}

static void
make_files(struct canaries *canaries)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/canary", canaries->dir);
	mkdir(path, 0755);
	make_file(path, "secret", canaries->secret, 0600);
	make_file(path, "open", canaries->secret, 0666);
	make_file(path, "ptmx", "not to be removed", 0644);
	snprintf(path, sizeof(path), "%s/canary/below", canaries->dir);
	mkdir(path, 0777);
	make_file(path, "secret", canaries->secret, 0666);
	snprintf(path, sizeof(path), "brun-canary-%d", (int)getpid());
	make_file("/dev/shm", path, canaries->secret, 0666);
}

/* A process that any signal would leave a trace in, and that looks at its memory in the end. */
static void
make_process(struct canaries *canaries)
{
	int ends[2], ready[2];
	sigset_t all;
	char copy[sizeof(canaries->secret)], byte;

	memcpy(copy, canaries->secret, sizeof(copy));
	(void)!pipe2(ends, O_CLOEXEC);
	(void)!pipe2(ready, O_CLOEXEC);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	canaries->pid = fork();
	if (canaries->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "brun-canary");
		close(ends[1]);
		close(ready[0]);
		close(ready[1]);
		(void)!read(ends[0], &byte, 1);
		_exit(memcmp(copy, canaries->secret, sizeof(copy)) != 0);
	}
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	close(ends[0]);
	close(ready[1]);
	(void)!read(ready[0], &byte, 1);
	close(ready[0]);
	canaries->life = ends[1];
}

static int
listen_inet(int type, int *ret_port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (bind(fd, (struct sockaddr *)&address, length) < 0 ||
		(type == SOCK_STREAM && listen(fd, 8) < 0) ||
		getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
		printf("#! no canary socket: %s\n", strerror(errno));
	}
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static int
listen_unix(const char *path, bool is_abstract)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s%s", is_abstract ? "@" : "", path);
	socklen_t length =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(address.sun_path));
	if (is_abstract) {
		address.sun_path[0] = '\0';
	} else {
		unlink(path);
	}
	if (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 8) < 0) {
		printf("#! no canary socket: %s\n", strerror(errno));
	}
	return fd;
}

static void
make_sockets(struct canaries *canaries)
{
	char name[108];

	canaries->tcp = listen_inet(SOCK_STREAM, &canaries->port);
	canaries->udp = listen_inet(SOCK_DGRAM, &canaries->udp_port);
	snprintf(name, sizeof(name), "brun-canary-%d", (int)getpid());
	canaries->abstract = listen_unix(name, true);
	snprintf(name, sizeof(name), "%.90s/canary/socket", canaries->dir);
	canaries->path = listen_unix(name, false);
}

/* What a careless runner would hand on. */
static void
make_leaks(struct canaries *canaries)
{
	char path[4096];
	int pair[2] = {-1, -1};

	snprintf(path, sizeof(path), "%s/canary", canaries->dir);
	canaries->leaked[0] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/canary/open", canaries->dir);
	canaries->leaked[1] = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	(void)!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	canaries->leaked[2] = pair[0];
}

static void
make_ipc(struct canaries *canaries)
{
	char name[64];

	canaries->shm = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0666);
	char *memory = shmat(canaries->shm, NULL, 0);
	if (memory != (char *)-1) {
		strcpy(memory, canaries->secret);
		shmdt(memory);
	}
	canaries->queue = msgget(IPC_PRIVATE, IPC_CREAT | 0666);
	canaries->semaphore = semget(IPC_PRIVATE, 1, IPC_CREAT | 0666);
	snprintf(name, sizeof(name), "/brun-canary-%d", (int)getpid());
	mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0666, NULL);
	if (queue != (mqd_t)-1) {
		mq_send(queue, canaries->secret, sizeof(canaries->secret), 0);
		mq_close(queue);
	}
	canaries->keyring = (int)syscall(SYS_keyctl, JOIN_SESSION_KEYRING, NULL);
	syscall(SYS_add_key, "user", "brun-canary", canaries->secret, sizeof(canaries->secret),
		SESSION_KEYRING);
}

static void
describe_ipc(const struct canaries *canaries, FILE *to)
{
	struct shmid_ds shm = {0};
	struct msqid_ds queue = {0};
	struct mq_attr attributes = {0};
	char name[64];
	int keys[64] = {0};

	shmctl(canaries->shm, IPC_STAT, &shm);
	msgctl(canaries->queue, IPC_STAT, &queue);
	char *memory = shmat(canaries->shm, NULL, 0);
	fprintf(to, "shm: %o %lu %s\n", shm.shm_perm.mode, (unsigned long)shm.shm_nattch,
		memory == (char *)-1 ? "" : memory);
	shmdt(memory);
	fprintf(to, "queue: %o %lu\n", queue.msg_perm.mode, (unsigned long)queue.msg_qnum);
	fprintf(to, "semaphore: %d\n", semctl(canaries->semaphore, 0, GETVAL));
	snprintf(name, sizeof(name), "/brun-canary-%d", (int)getpid());
	mqd_t mq = mq_open(name, O_RDONLY);
	if (mq != (mqd_t)-1) {
		mq_getattr(mq, &attributes);
		mq_close(mq);
	}
	fprintf(to, "mqueue: %ld\n", attributes.mq_curmsgs);
	long count = syscall(SYS_keyctl, KEYCTL_READ, SESSION_KEYRING, keys, sizeof(keys));
	for (long i = 0; i < count / (long)sizeof(*keys); i++) {
		char value[64] = "";
		syscall(SYS_keyctl, KEYCTL_READ, keys[i], value, sizeof(value) - 1);
		fprintf(to, "key: %d %s\n", keys[i], value);
	}
}

static void
describe_sockets(const struct canaries *canaries, FILE *to)
{
	struct pollfd all[] = {{.fd = canaries->path, .events = POLLIN},
		{.fd = canaries->abstract, .events = POLLIN},
		{.fd = canaries->has_network ? -1 : canaries->tcp, .events = POLLIN},
		{.fd = canaries->has_network ? -1 : canaries->udp, .events = POLLIN}};
	static const char *const names[] = {"path", "abstract", "tcp", "udp"};

	poll(all, 4, 0);
	for (int i = 0; i < 4; i++) {
		fprintf(to, "socket %s: %s\n", names[i],
			all[i].revents ? "somebody came" : "nobody came");
	}
}

/* Nanoseconds between the clocks: what clock_settime(2) would change. */
static int64_t
clock_distance(void)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (int64_t)(real.tv_sec - boot.tv_sec) * 1000000000 + real.tv_nsec - boot.tv_nsec;
}

static void
describe(const struct canaries *canaries, FILE *to)
{
	char path[4096];
	int typed = 0;

	snprintf(path, sizeof(path), "%s/canary", canaries->dir);
	state_files(to, path);
	snprintf(path, sizeof(path), "brun-canary-%d", (int)getpid());
	state_host(to, canaries->dir);
	state_process(to, canaries->pid);
	describe_ipc(canaries, to);
	describe_sockets(canaries, to);
	ioctl(canaries->slave, FIONREAD, &typed);
	fprintf(to, "terminal: %d bytes typed\n", typed);
	snprintf(path, sizeof(path), "/dev/shm/brun-canary-%d", (int)getpid());
	fprintf(to, "/dev/shm: %s\n", access(path, F_OK) == 0 ? "there" : "gone");
	/* last, for more of them may come */
	snprintf(path, sizeof(path), "%s/store/trees", canaries->dir);
	state_files(to, path);
	snprintf(path, sizeof(path), "%s/bwrap/top", canaries->dir);
	state_files(to, path);
}

void
canaries_set(struct canaries *canaries, const char *dir)
{
	char path[4096];

	*canaries = (struct canaries){.dir = dir};
	make_secret(canaries);
	make_files(canaries);
	make_process(canaries);
	make_sockets(canaries);
	make_ipc(canaries);
	make_leaks(canaries);
	if (openpty(&canaries->terminal, &canaries->slave, NULL, NULL, NULL) < 0) {
		printf("#! no terminal: %s\n", strerror(errno));
	}
	fcntl(canaries->terminal, F_SETFD, FD_CLOEXEC);
	fcntl(canaries->slave, F_SETFD, FD_CLOEXEC);
	FILE *to = open_memstream(&canaries->before, &canaries->before_length);
	describe(canaries, to);
	fclose(to);
	canaries->clocks = clock_distance();
	snprintf(path, sizeof(path), "%s/canary", dir);
	canaries->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	inotify_add_watch(canaries->watch, path, IN_ALL_EVENTS);
}

/* Every line from before must be there, in that order; more lines only for new trees. */
static void
compare(const struct canaries *canaries, const char *after)
{
	char trees[4096];

	snprintf(trees, sizeof(trees), "%s/store/trees", canaries->dir);
	for (const char *line = canaries->before; *line;) {
		size_t length = strcspn(line, "\n") + 1;
		const char *found = after;
		while (*found && strncmp(found, line, length) != 0) {
			found += strcspn(found, "\n") + 1;
		}
		if (!*found && strncmp(line, trees, strlen(trees)) == 0 &&
			line[strlen(trees) + 1] == '.') {
			found = after; /* trees itself, which gets new entries */
		} else if (!*found) {
			printf("#! not as it was: %.*s", (int)length, line);
			must_be(false, "all outside is as it was");
		} else {
			after = found + length;
		}
		line += length;
	}
}

static void
check_process(struct canaries *canaries)
{
	int status = -1;

	close(canaries->life);
	must_be(waitpid(canaries->pid, &status, 0) == canaries->pid && status == 0,
		"the process outside lives, and its memory is what it was");
	must_be(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD,
		"no process of the step is left");
}

/* What brun itself must have cleaned up. */
static void
check_leftovers(const struct canaries *canaries)
{
	static const char *const dirs[] = {"tmp", "store/tmp", "store/locks"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s", canaries->dir, dirs[i]);
		DIR *list = opendir(path);
		for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
			if (entry->d_name[0] != '.') {
				printf("# %s: %s\n", path, entry->d_name);
				must_be(false, "no temporary file and no lock is left");
			}
		}
		if (list) {
			closedir(list);
		}
	}
}

/* What happened to the files of dir/canary. Any process of the host may list the directory. */
static void
check_events(const struct canaries *canaries)
{
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t got = read(canaries->watch, buffer, sizeof(buffer));

	for (char *at = buffer; got > 0 && at < buffer + got;) {
		const struct inotify_event *event = (const struct inotify_event *)at;
		if (event->len > 0 && !(event->mask & IN_ISDIR)) {
			printf("#! event %x on %s\n", event->mask, event->name);
			must_be(false, "nobody opened or touched a file outside");
		}
		at += sizeof(*event) + event->len;
	}
}

void
canaries_check(struct canaries *canaries)
{
	char *after = NULL;
	size_t length;

	check_events(canaries);
	must_be(llabs(clock_distance() - canaries->clocks) < 5000000000, "the clock was not set");
	FILE *to = open_memstream(&after, &length);
	describe(canaries, to);
	fclose(to);
	compare(canaries, after);
	free(after);
	check_process(canaries);
	check_leftovers(canaries);
}

void
canaries_done(struct canaries *canaries)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/shm/brun-canary-%d", (int)getpid());
	unlink(path);
	snprintf(path, sizeof(path), "/brun-canary-%d", (int)getpid());
	mq_unlink(path);
	shmctl(canaries->shm, IPC_RMID, NULL);
	msgctl(canaries->queue, IPC_RMID, NULL);
	semctl(canaries->semaphore, 0, IPC_RMID);
	free(canaries->before);
}
