/* SPDX-License-Identifier: MIT */
/* Says what a program can see of how it was started, one fact a line: the same lines whether it was
 * started by the kernel or by the launcher. Compiled in every way by tests/launcher/run. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifndef IS_STATIC
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#else
#include <elf.h>
#endif

extern char **environ;
extern char _end[], __bss_start[];
void _start(void);

static char zeroed[70000], set[5000] = {1, 2, 3};
static __thread int thread_local_value = 42;

static void
report_arguments(int argc, char **argv)
{
	printf("argc %d\n", argc);
	for (int i = 0; i < argc; i++) {
		printf("argv %s\n", argv[i]);
	}
	printf("argv ends %d\n", argv[argc] == NULL);
	for (char **entry = environ; *entry; entry++) {
		printf("env %s\n", *entry);
	}
}

static void
report_layout(char **argv, int argc)
{
	char **end = environ;

	while (*end++) {
	}
	const Elf64_auxv_t *entry = (const Elf64_auxv_t *)end;
	printf("one piece %d\n", environ == argv + argc + 1);
	printf("argument strings in one piece %d\n",
		argc < 2 || argv[0] + strlen(argv[0]) + 1 == argv[1]);
	printf("stack aligned %d\n", (uintptr_t)(argv - 1) % 16 == 0);
	for (; entry->a_type != AT_NULL; entry++) {
		switch (entry->a_type) {
		case AT_PHDR:
		case AT_ENTRY:
		case AT_BASE:
		case AT_PHNUM:
		case AT_RANDOM:
		case AT_SYSINFO_EHDR:
			printf("auxv %lu %s\n", entry->a_type, entry->a_un.a_val ? "set" : "0");
			break;
		case AT_PLATFORM:
			printf("auxv platform %s\n", (char *)entry->a_un.a_val);
			break;
		case AT_EXECFN:
			printf("auxv name %s\n", strrchr((char *)entry->a_un.a_val, '/'));
			break;
		default:
			printf("auxv %lu %lx\n", entry->a_type, entry->a_un.a_val);
		}
	}
	printf("entry %d\n", getauxval(AT_ENTRY) == (uintptr_t)_start);
}

/* What others see by way of /proc: arguments, environment, and the auxiliary vector's four. */
static void
report_proc(char **argv)
{
	static char text[1 << 22];
	FILE *file = fopen("/proc/self/cmdline", "re");
	size_t length = file ? fread(text, 1, sizeof(text), file) : 0, at = 0;
	Elf64_auxv_t entry;

	for (; *argv && at < length && strcmp(text + at, *argv) == 0; argv++) {
		at += strlen(*argv) + 1;
	}
	printf("cmdline %d\n", file && !*argv && at == length);
	file = file ? freopen("/proc/self/environ", "re", file) : NULL;
	length = file ? fread(text, 1, sizeof(text), file) : 0;
	at = 0;
	char **variable = environ;
	for (; *variable && at < length && strcmp(text + at, *variable) == 0; variable++) {
		at += strlen(*variable) + 1;
	}
	printf("environ %d\n", file && !*variable && at == length);
	file = file ? freopen("/proc/self/auxv", "re", file) : NULL;
	while (file && fread(&entry, sizeof(entry), 1, file) == 1 && entry.a_type != AT_NULL) {
		bool is_headers = entry.a_type == AT_PHDR;
		printf("/proc auxv %lu %d\n", entry.a_type,
			is_headers
				? ((const Elf64_Phdr *)entry.a_un.a_val)->p_type == PT_PHDR ||
					  ((const Elf64_Phdr *)entry.a_un.a_val)->p_type == PT_LOAD
				: entry.a_un.a_val == getauxval(entry.a_type));
	}
	if (file) {
		fclose(file);
	}
}

static void
report_memory(void)
{
	size_t bad = 0;

	for (size_t i = 0; i < sizeof(zeroed); i++) {
		bad += zeroed[i] != 0;
	}
	memset(zeroed, 1, sizeof(zeroed));
	printf("bss bad %zu, data %d %d %d\n", bad, set[0], set[1], set[4999]);
	uintptr_t end = ((uintptr_t)_end + 4095) & ~4095UL, heap = (uintptr_t)sbrk(0);
	printf("heap behind the program %d\n", heap >= end && heap - end <= (2UL << 30));
	char *more = sbrk(1 << 20);
	printf("sbrk %d\n", more != (char *)-1 && (memset(more, 1, 1 << 20), 1));
	printf("thread local %d\n", thread_local_value++);
}

static int
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void
report_process(void)
{
	sigset_t mask;
	char name[17] = "";
	struct timespec now;
	int open_count = 0, blocked = 0;

	for (int fd = 0; fd < 64; fd++) {
		open_count += is_open(fd);
	}
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int number = 1; number < 32; number++) {
		blocked += sigismember(&mask, number);
	}
	prctl(PR_GET_NAME, name);
	mode_t old = umask(0);
	printf("descriptors %d, blocked signals %d, umask %o, name %s\n", open_count, blocked, old,
		name);
	printf("clock %d\n", clock_gettime(CLOCK_MONOTONIC, &now));
}

#ifndef IS_STATIC
static int
report_object(struct dl_phdr_info *info, size_t size, void *data)
{
	const char *slash = strrchr(info->dlpi_name, '/');
	int loads = 0;

	(void)size;
	(void)data;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		loads += info->dlpi_phdr[i].p_type == PT_LOAD;
	}
	printf("object %s, %d segments to load, tls %zu\n", slash ? slash + 1 : info->dlpi_name,
		loads, info->dlpi_tls_modid);
	return 0;
}

static void *
thread_body(void *data)
{
	*(int *)data = thread_local_value;
	return NULL;
}

static void
report_thread(void)
{
	pthread_t thread;
	pthread_attr_t attributes;
	void *stack = NULL;
	size_t size = 0;
	int value = 0;

	pthread_create(&thread, NULL, thread_body, &value);
	pthread_join(thread, NULL);
	pthread_getattr_np(pthread_self(), &attributes);
	pthread_attr_getstack(&attributes, &stack, &size);
	printf("thread %d, own stack known %d\n", value,
		(char *)&value >= (char *)stack && (char *)&value < (char *)stack + size);
}

static void
report_loader(bool has_origin)
{
	Dl_info info = {0};
	const char *slash;

	dl_iterate_phdr(report_object, NULL);
	printf("dladdr %d\n", dladdr((void *)(uintptr_t)_start, &info));
	void *library = dlopen("libm.so.6", RTLD_NOW);
	printf("dlopen libm %d\n", library && dlsym(library, "cos"));
	if (library && dladdr(dlsym(library, "cos"), &info) &&
		(slash = strrchr(info.dli_fname, '/'))) {
		printf("libm is %s\n", slash);
	}
#ifdef __GLIBC__
	char origin[4096] = "";
	/* ld.so crashes where it could not tell the origin. */
	printf("dlinfo %d\n",
		!has_origin ? 0 : dlinfo(dlopen(NULL, RTLD_NOW), RTLD_DI_ORIGIN, origin));
	printf("dlmopen %d\n", dlmopen(LM_ID_NEWLM, "libm.so.6", RTLD_NOW) != NULL);
#endif
	report_thread();
}
#endif

int
main(int argc, char **argv)
{
	report_arguments(argc, argv);
	report_layout(argv, argc);
	report_memory();
	report_proc(argv);
	report_process();
#ifndef IS_STATIC
	report_loader(argc < 2 || strcmp(argv[1], "no-origin") != 0);
#endif
	fflush(stdout);
	return 7;
}
