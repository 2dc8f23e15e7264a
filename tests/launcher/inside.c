/* SPDX-License-Identifier: MIT */
/* inside WHAT…: what programs do to themselves and to their children, one line for each thing that
 * came out. Started by the kernel and by the launcher it must say the same. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ, __executable_start[], etext[];
static char **arguments;
static int initialised = 1;

/* Field number i of /proc/self/stat, as proc(5) counts them. */
static unsigned long
stat_field(int i)
{
	char text[4096] = "";
	FILE *file = fopen("/proc/self/stat", "re");
	char *at = file && fgets(text, sizeof(text), file) ? strrchr(text, ')') + 2 : text;

	for (int field = 3; field < i && (at = strchr(at, ' ')); field++) {
		at++;
	}
	if (file) {
		fclose(file);
	}
	return at ? strtoul(at, NULL, 10) : 0;
}

static void
show_stat(void)
{
	uintptr_t here = (uintptr_t)show_stat, data = (uintptr_t)&arguments;

	printf("code %d\n", stat_field(26) <= here && here < stat_field(27));
	printf("stack %d\n", stat_field(28) <= (uintptr_t)arguments &&
				     (uintptr_t)arguments - stat_field(28) < 64);
	printf("data starts %d\n", stat_field(45) <= data);
	printf("data ends %d\n", stat_field(45) <= (uintptr_t)&initialised &&
					 (uintptr_t)&initialised < stat_field(46) &&
					 stat_field(46) <= stat_field(47));
	printf("heap %d\n", stat_field(47) <= (uintptr_t)sbrk(0));
	printf("arguments %d\n", stat_field(48) == (uintptr_t)arguments[0]);
	printf("environment %d\n", stat_field(50) == (uintptr_t)environ[0]);
	printf("one piece %d\n", stat_field(49) == stat_field(50));
}

static void
show_name(void)
{
	char name[32] = "";
	FILE *file;

	prctl(PR_SET_NAME, "renamed");
	file = fopen("/proc/self/comm", "re");
	printf("comm %s", file && fgets(name, sizeof(name), file) ? name : "?\n");
	file = fopen("/proc/self/cmdline", "re");
	printf("cmdline %d\n", file && fread(name, 1, sizeof(name), file) > 0);
}

/* Kinds of mappings, without their addresses. */
static void
show_maps(void)
{
	char line[4096];
	FILE *file = fopen("/proc/self/maps", "re");
	int stacks = 0, heaps = 0, vdsos = 0, bad = 0, executable_stacks = 0;

	free(malloc(1));
	while (file && fgets(line, sizeof(line), file)) {
		stacks += strstr(line, "[stack]") != NULL;
		executable_stacks += strstr(line, "[stack]") && strstr(line, "rwxp");
		heaps += strstr(line, "[heap]") != NULL;
		vdsos += strstr(line, "[vdso]") != NULL;
		bad += !strstr(line, "[stack]") && strstr(line, "rwxp");
	}
	printf("stack %d (%d executable), heap %d, vdso %d, writable code %d\n", stacks,
		executable_stacks, heaps, vdsos, bad);
}

#ifdef __GLIBC__
static int
resolved(int x)
{
	return x + 1;
}

static int (*choose(void))(int)
{
	return resolved;
}

int chosen(int x) __attribute__((ifunc("choose")));

static void
show_ifunc(void)
{
	int (*volatile pointer)(int) = chosen;

	printf("ifunc %d %d\n", chosen(1), pointer(2));
	printf("memcpy %d\n", strlen(strcpy(malloc(64), "a string")) == 8);
}
#else
/* musl has neither. */
#define LM_ID_NEWLM		  0
#define dlmopen(space, name, how) dlopen(name, how)
static void
show_ifunc(void)
{
}
#endif

/* The file that a package would have put beside. */
static void
show_beside(void)
{
	char path[8192] = "", text[64] = "";
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 64);

	if (length > 0) {
		path[length] = '\0';
		strcpy(strrchr(path, '/'), "/../share/data");
	}
	FILE *file = fopen(path, "re");
	printf("beside: %s\n", file && fgets(text, sizeof(text), file) ? text : "nothing");
	void *plugin = dlopen(arguments[2], RTLD_NOW | RTLD_LOCAL);
	int (*call)(int) = plugin ? (int (*)(int))dlsym(plugin, "plugin_call") : NULL;
	printf("plugin: %d\n", call ? call(20) : -1);
	printf("closed: %d\n", plugin ? dlclose(plugin) : -1);
	void *apart = dlmopen(LM_ID_NEWLM, arguments[2], RTLD_NOW);
	call = apart ? (int (*)(int))dlsym(apart, "plugin_call") : NULL;
	printf("apart: %d\n", call ? call(30) : -1);
}

static sigjmp_buf back;
static volatile int caught, on_alternate;
static char alternate[65536];

static void catch (int number)
{
	char here;

	caught = number;
	on_alternate = &here >= alternate && &here < alternate + sizeof(alternate);
	siglongjmp(back, 1);
}

static long
endless(long n)
{
	volatile char room[16384];

	room[0] = (char)n;
	return endless(n + 1) + room[0];
}

static void
show_fault(void)
{
	stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
	struct sigaction action = {.sa_handler = catch, .sa_flags = SA_ONSTACK};

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	if (sigsetjmp(back, 1) == 0) {
		*(volatile int *)8 = 1;
	}
	printf("fault %d on %d\n", caught, on_alternate);
	caught = 0;
	if (sigsetjmp(back, 1) == 0) {
		endless(0);
	}
	printf("overflow %d on %d\n", caught, on_alternate);
}

static void
show_strict(void)
{
	int status = 0, ends[2];
	char byte = 0;

	pipe(ends);
	for (int is_bad = 0; is_bad < 2; is_bad++) {
		pid_t child = fork();
		if (child == 0) {
			prctl(PR_SET_SECCOMP, 1 /* SECCOMP_MODE_STRICT */);
			write(ends[1], "x", 1);
			if (is_bad) {
				getppid();
			}
			syscall(SYS_exit, 3);
		}
		waitpid(child, &status, 0);
		printf("strict child: wrote %zd, ", read(ends[0], &byte, 1));
		printf("status %d signal %d\n", WEXITSTATUS(status), WTERMSIG(status));
	}
}

static void
show_stack_code(void)
{
#if defined(__x86_64__)
	volatile unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3};
	int (*volatile call)(void) = (int (*)(void))(uintptr_t)code;

	printf("code on the stack %d\n", call());
#endif
}

static void *
start_by_vfork(void *result)
{
	char *argv[] = {arguments[0], (char *)"nothing", NULL};
	int status = -1;
	pid_t child = vfork();

	if (child == 0) {
		execve("/proc/self/exe", argv, environ);
		_exit(1);
	}
	waitpid(child, &status, 0);
	*(int *)result = child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return NULL;
}

static void
show_vfork(void)
{
	pthread_t threads[8];
	int results[8];

	for (int i = 0; i < 8; i++) {
		pthread_create(&threads[i], NULL, start_by_vfork, &results[i]);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
	}
	for (int i = 0; i < 8; i++) {
		printf("vfork from a thread: %d\n", results[i]);
	}
}

/* Waits for a byte, then starts itself again, wherever it is now. */
static void
show_moved(void)
{
	char byte;

	printf("waits\n");
	fflush(stdout);
	read(0, &byte, 1);
	execl("/proc/self/exe", "again", "nothing", (char *)NULL);
	printf("failed: %s\n", strerror(errno));
}

static long
deep(long n)
{
	volatile char room[4096];

	room[0] = 1;
	return n > 0 ? deep(n - 1) + room[0] : 0;
}

static void
show_deep(void)
{
	long levels = atol(arguments[2]);

	printf("deep %d\n", deep(levels) == levels);
}

/* execve by argv[0], as some programs start themselves anew. */
static void
show_again(void)
{
	execv(arguments[0], (char *[]){arguments[0], (char *)"nothing", NULL});
	printf("failed: %s\n", strerror(errno));
}

/* What GLIBC_TUNABLES has malloc fill memory with. */
static void
show_filling(void)
{
	volatile unsigned char *memory = malloc(64);

	printf("filled with %d\n", memory[40]);
}

static void
show_nothing(void)
{
	printf("argv[0] %s\n",
		strrchr(arguments[0], '/') ? strrchr(arguments[0], '/') + 1 : arguments[0]);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*show)(void);
	} all[] = {{"stat", show_stat}, {"name", show_name}, {"maps", show_maps},
		{"ifunc", show_ifunc}, {"beside", show_beside}, {"fault", show_fault},
		{"strict", show_strict}, {"stack-code", show_stack_code}, {"vfork", show_vfork},
		{"moved", show_moved}, {"deep", show_deep}, {"again", show_again},
		{"filling", show_filling}, {"nothing", show_nothing}};

	arguments = argv;
	for (size_t i = 0; argc > 1 && i < sizeof(all) / sizeof(*all); i++) {
		if (strcmp(all[i].name, argv[1]) == 0) {
			all[i].show();
			fflush(stdout);
			return 7;
		}
	}
	return 2;
}
