/* SPDX-License-Identifier: MIT */
#include "inside.h"

#include "attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char script_text[8192];

const char *
told(const char *name)
{
	static char value[4096];
	size_t length = strlen(name);

	for (const char *at = script_text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, name, length) == 0 && at[length] == '=') {
			size_t size = strcspn(at + length + 1, "\n");
			snprintf(value, sizeof(value), "%.*s", (int)size, at + length + 1);
			return value;
		}
	}
	return "";
}

void
put(const char *path, const void *data, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, data, length) != (ssize_t)length) {
		printf("#! can't write %s\n", path);
		exit(1);
	}
	close(fd);
}

void
make_dir(const char *path)
{
	if (mkdir(path, 0755) < 0) {
		printf("#! can't make %s\n", path);
		exit(1);
	}
}

ssize_t
show(const char *path)
{
	char chunk[65536];
	int fd = open(path, O_RDONLY | O_NONBLOCK);

	if (fd < 0) {
		return -1;
	}
	ssize_t got = read(fd, chunk, sizeof(chunk));
	close(fd);
	if (got > 0) {
		fwrite(chunk, 1, (size_t)got, stdout);
	}
	return got;
}

void
copy_self(const char *path, mode_t mode)
{
	char chunk[65536];
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	for (ssize_t got; (got = read(from, chunk, sizeof(chunk))) > 0;) {
		must_be(write(to, chunk, (size_t)got) == got, "the copy is written");
	}
	fchmod(to, mode);
	close(from);
	close(to);
}

/* The step that makes the input of all others. */
static void
make_input(void)
{
	make_dir("/dest/brun/dir");
	put("/dest/brun/file", "precious\n", 9);
	put("/dest/brun/dir/inner", "precious, too\n", 14);
	copy_self("/dest/brun/program", 0755);
	must_be(symlink("file", "/dest/brun/link") == 0, "a link can be made");
}

int
inside_main(const char *script)
{
	int fd = open(script, O_RDONLY);
	ssize_t length = read(fd, script_text, sizeof(script_text) - 1);
	char name[256];

	close(fd);
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* brun puts a line of its own before the script. */
	snprintf(name, sizeof(name), "%s", told("name"));
	/* A call that nothing refuses may wait for ever. */
	attack_set_ours(strncmp(told("runner"), "--bwrap", 7) != 0);
	alarm(attack_is_ours() ? 0 : 3);
	const struct attack *attack = attack_find(name);
	if (attack) {
		attack->body();
	} else if (strcmp(name, "input") == 0) {
		make_input();
		return attack_has_held() ? 0 : 1;
	} else if (length <= 0 || strcmp(name, "nothing") != 0) {
		printf("#! no attack '%s'\n", name);
		return 2;
	}
	put("/dest/brun/held", "held\n", 5);
	return attack_has_held() ? 0 : 1;
}
