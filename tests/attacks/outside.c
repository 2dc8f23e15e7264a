/* SPDX-License-Identifier: MIT */
#include "outside.h"

#include "attack.h"
#include "canaries.h"
#include "spawn.h"
#include "state.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* One attack, as the driver sees it. */
struct trial {
	const char *dir, *name, *runner;
	const struct attack *attack;
	struct canaries canaries;
	char output[4096], script[8192];
};

static const struct attack nothing = {0};

static bool
is_brun(const struct trial *trial)
{
	return strncmp(trial->runner, "--bwrap", 7) != 0;
}

/* A file of the test's directory, without its line end. */
static const char *
noted(const struct trial *trial, const char *name)
{
	static char text[256];
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", trial->dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	close(fd);
	return text;
}

static void
write_script(struct trial *trial, int phase)
{
	const struct canaries *canaries = &trial->canaries;

	snprintf(trial->script, sizeof(trial->script),
		"name=%s\ndir=%s\npid=%d\nport=%d\nudp=%d\nabstract=brun-canary-%d\nshm=%d\nqueue=%d\n"
		"key=%d\nrunner=%s\nphase=%d\ngroups=%s\n",
		trial->name, trial->dir, (int)canaries->pid, canaries->port, canaries->udp_port,
		(int)getpid(), canaries->shm, canaries->queue, canaries->keyring, trial->runner,
		phase, noted(trial, "groups"));
}

static void
write_recipe(const struct trial *trial, const char *path)
{
	FILE *to = fopen(path, "we");
	const char *base = trial->attack->base ? trial->attack->base : "base";
	char file[64];

	fprintf(to,
		"local function root(name, sha256)\n"
		"  return unpack { fetch { url = \"file://%s/\" .. name, sha256 = sha256 } }\n"
		"end\n",
		trial->dir);
	fprintf(to, "local base = root(\"base.tar\", \"%s\")\n", noted(trial, "base.sha256"));
	fprintf(to,
		"local input = run { name = \"input\", base = base, script = \"name=input\" }\n");
	snprintf(file, sizeof(file), "%s.sha256", base);
	fprintf(to,
		"return run { name = \"%s\", base = root(\"%s.tar\", \"%s\"), deps = { input },\n",
		trial->name, base, noted(trial, file));
	if (trial->attack->has_network) {
		fprintf(to, "network = true, output = \"%s\",\n", noted(trial, "held.id"));
	}
	fprintf(to, "limits = { time = 600, %s },\n",
		trial->attack->limits ? trial->attack->limits : "");
	fprintf(to, "script = [[%s]] }\n", trial->script);
	fclose(to);
}

static void
run_brun(struct trial *trial, struct spawned *ret_spawned)
{
	char recipe[4096];

	snprintf(recipe, sizeof(recipe), "%s/recipes/%s.lua", trial->dir, trial->name);
	write_recipe(trial, recipe);
	const char *const argv[] = {trial->runner, "build", recipe, "-o", trial->output,
		trial->attack->is_kept ? "-K" : NULL, NULL};
	spawn(&trial->canaries, argv, trial->attack->has_terminal, -1, ret_spawned);
}

/* As packagers call it; README's comparison names these. */
static void
run_bwrap(struct trial *trial, struct spawned *ret_spawned)
{
	const bool is_without_caps = strcmp(trial->runner, "--bwrap-no-caps") == 0;
	char root[4096], script[4096], build[4096], dest[4096], made[4096];

	snprintf(root, sizeof(root), "%s/bwrap/top", trial->dir);
	snprintf(script, sizeof(script), "%s/bwrap/script", trial->dir);
	snprintf(build, sizeof(build), "%s/bwrap/build", trial->dir);
	snprintf(dest, sizeof(dest), "%s/bwrap/dest", trial->dir);
	snprintf(made, sizeof(made), "%s/bwrap/dest/brun", trial->dir);
	mkdir(build, 0755);
	mkdir(dest, 0755);
	mkdir(made, 0755);
	FILE *to = fopen(script, "we");
	fputs(trial->script, to);
	fclose(to);
	const char *const argv[] = {"/usr/bin/bwrap", "--unshare-all", "--die-with-parent",
		"--new-session", "--ro-bind", root, "/", "--proc", "/proc", "--dev", "/dev",
		"--tmpfs", "/tmp", "--bind", build, "/build", "--bind", dest, "/dest", "--ro-bind",
		script, "/script", "--chdir", "/build",
		trial->attack->has_network ? "--share-net" : "--unshare-net",
		is_without_caps ? "--cap-drop" : "/bin/sh", is_without_caps ? "ALL" : "-e",
		is_without_caps ? "/bin/sh" : "/script", is_without_caps ? "-e" : NULL, "/script",
		NULL};
	snprintf(trial->output, sizeof(trial->output), "%s", made);
	spawn(&trial->canaries, argv, false, 15000, ret_spawned);
}

static void
run(struct trial *trial, int phase, struct spawned *ret_spawned)
{
	write_script(trial, phase);
	if (!is_brun(trial)) {
		run_bwrap(trial, ret_spawned);
	} else {
		run_brun(trial, ret_spawned);
	}
}

/* Has this process no child but the canary? */
static bool
is_alone_with(pid_t pid)
{
	int first = 0, second = 0;
	FILE *from = fopen("/proc/thread-self/children", "re");
	int count = from ? fscanf(from, "%d %d", &first, &second) : 0;

	if (from) {
		fclose(from);
	}
	return !from || (count == 1 && first == pid);
}

/* bwrap may end before what it has started; brun may not. Two seconds. */
static void
wait_for_rest(const struct canaries *canaries)
{
	for (int i = 0; i < 200 && !is_alone_with(canaries->pid); i++) {
		if (waitpid(-1, NULL, WNOHANG) == 0) {
			usleep(10000);
		}
	}
}

/* An honest output, or what the attack says must be seen instead. */
static void
check_output(const struct trial *trial, const struct spawned *spawned)
{
	const struct attack *attack = trial->attack;
	const struct seen seen = {.status = spawned->status,
		.said = spawned->said,
		.length = spawned->length,
		.output = trial->output,
		.dir = trial->dir};
	char held[4200];

	if (spawned->status != attack->status) {
		printf("#! brun ended with status %d, expected %d\n", spawned->status,
			attack->status);
		must_be(false, "brun ends as expected");
	}
	must_be(!attack->says || strstr(spawned->said, attack->says), "brun says what it must");
	if (attack->check) {
		attack->check(&seen);
		return;
	}
	snprintf(held, sizeof(held), "%s/held", trial->output);
	must_be((access(held, F_OK) == 0) == (attack->status == 0),
		"an output is there where the step succeeded, and only there");
}

static void
check_secrets(const struct trial *trial, const struct spawned *spawned)
{
	const char *secret = trial->canaries.secret;
	char logs[4096];

	snprintf(logs, sizeof(logs), "%s/store/logs", trial->dir);
	must_be(!memmem(spawned->said, spawned->length, secret, strlen(secret)) &&
			!state_holds(logs, secret, strlen(secret)) &&
			!state_holds(trial->output, secret, strlen(secret)),
		"nothing secret came out");
}

static void
print_said(const struct spawned *spawned)
{
	size_t length = spawned->length < 4000 ? spawned->length : 4000;

	for (const char *at = spawned->said; at < spawned->said + length;) {
		size_t line = strcspn(at, "\n");
		printf("#   %.*s\n", (int)line, at);
		at += line + 1;
	}
}

static int
verdict(const struct trial *trial, const struct spawned *spawned)
{
	const char *skip = strstr(spawned->said, "# SKIP ");

	if (skip) {
		printf("%.*s\n", (int)strcspn(skip, "\n"), skip);
		return 77;
	}
	if (strstr(spawned->said, "#! ")) {
		must_be(false, "the step saw that all it tried was refused");
	}
	if (!is_brun(trial)) {
		must_be(spawned->status == 0, "bwrap ends with 0");
	} else {
		check_output(trial, spawned);
	}
	check_secrets(trial, spawned);
	if (!attack_has_held()) {
		print_said(spawned);
	}
	return attack_has_held() ? 0 : 1;
}

int
outside_main(int argc, char **argv)
{
	struct trial trial = {.attack = &nothing};
	struct spawned spawned;

	if (argc != 4) {
		fprintf(stderr, "usage: attacks DIR NAME BRUN | attacks DIR NAME --bwrap\n");
		return 2;
	}
	trial.dir = argv[1];
	trial.name = argv[2];
	trial.runner = argv[3];
	/* "nothing" and "input" are not attacks: run makes the input, and learns an output's id. */
	if (strcmp(trial.name, "nothing") != 0 && !(trial.attack = attack_find(trial.name))) {
		printf("#! no attack '%s' was compiled\n", trial.name);
		return 99;
	}
	umask(022);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	snprintf(trial.output, sizeof(trial.output), "%s/outputs/%s", trial.dir, trial.name);
	canaries_set(&trial.canaries, trial.dir);
	trial.canaries.has_network = trial.attack->has_network;
	run(&trial, 1, &spawned);
	if (trial.attack->is_repeated && spawned.status == 0) {
		free(spawned.said);
		run(&trial, 2, &spawned);
	}
	if (!is_brun(&trial)) {
		wait_for_rest(&trial.canaries);
	}
	canaries_check(&trial.canaries);
	int status = verdict(&trial, &spawned);
	canaries_done(&trial.canaries);
	return status;
}
