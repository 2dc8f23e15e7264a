/* SPDX-License-Identifier: MIT */
/* outside INSIDE DIR MODE [network]: runs a mode of the program INSIDE as a step. DIR/input is its
 * input, DIR/build is writable. Exits with the step's status; 99 where no step could be started. */
#include "base/err.h"
#include "sandbox/sandbox.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void
print(void *context, const char *data, size_t length)
{
	(void)context;
	fwrite(data, 1, length, stdout);
}

/* Listens on an abstract socket; its name. */
static const char *
listen_abstract(void)
{
	static char name[64];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name, sizeof(name), "brun-attack-%d", (int)getpid());
	strcpy(address.sun_path + 1, name);
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	bool is_good = bind(fd, (struct sockaddr *)&address, length) == 0 && listen(fd, 1) == 0;
	return is_good ? name : NULL;
}

/* Listens on a port of 127.0.0.1; its number. */
static const char *
listen_loopback(void)
{
	static char port[16];
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	bool is_good = bind(fd, (struct sockaddr *)&address, length) == 0 && listen(fd, 1) == 0 &&
		       getsockname(fd, (struct sockaddr *)&address, &length) == 0;
	snprintf(port, sizeof(port), "%d", ntohs(address.sin_port));
	return is_good ? port : NULL;
}

static const char *
argument_for(const char *mode)
{
	static char pid[16];

	if (strcmp(mode, "abstract-socket") == 0) {
		return listen_abstract();
	}
	if (strcmp(mode, "loopback") == 0) {
		return listen_loopback();
	}
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	return pid;
}

int
main(int argc, char **argv)
{
	char input[4096], build[4096];
	if (argc < 4) {
		return 2;
	}
	snprintf(input, sizeof(input), "%s/input", argv[2]);
	snprintf(build, sizeof(build), "%s/build", argv[2]);
	const struct sandbox_mount mounts[] = {
		{.kind = SANDBOX_BIND, .source = argv[1], .target = "/attack/inside"},
		{.kind = SANDBOX_BIND, .source = input, .target = "/input"},
		{.kind = SANDBOX_BIND_RW, .source = build, .target = "/build"},
		{.kind = SANDBOX_PROC, .target = "/proc"},
		{.kind = SANDBOX_DEV, .target = "/dev"},
		{.kind = SANDBOX_TMPFS, .target = "/tmp", .size = 1 << 20},
		{.kind = SANDBOX_DIR, .target = "/sys"},
	};
	static const char *const env[] = {NULL};
	const char *const args[] = {"/attack/inside", argv[3], argument_for(argv[3]), NULL};
	struct sandbox_spec spec = {
		.mounts = mounts,
		.mount_count = sizeof(mounts) / sizeof(*mounts),
		.argv = args,
		.env = env,
		.cwd = "/build",
		.network = argc > 4 && strcmp(argv[4], "network") == 0,
		.limits = {.wall_seconds = 60},
		.cancel_fd = -1,
		.output = print,
	};
	struct sandbox_result result = {0};
	struct err err = {0};

	if (sandbox_run(&spec, &result, &err) < 0) {
		printf("# %s\n", err.text);
		return 99;
	}
	if (result.outcome != SANDBOX_EXITED) {
		printf("# outcome %d, signal %d\n", result.outcome, result.signal);
		return 98;
	}
	return result.exit_status;
}
