/* SPDX-License-Identifier: MIT */
/* The launcher's reckoning with pages of 4, 16 and 64 KiB: synthetic programs under the tests'
 * kernel. */
#include "../launcher/kernel.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64 };
#else
enum { MACHINE = EM_AARCH64 };
#endif

enum {
	SEGMENTS = 3,
	CODE_SIZE = 0x1234,
	DATA_SIZE = 0x222,
	BSS_SIZE = 0x25000,
	FILE_SIZE = 0x40000
};

/* Headers and code; a hole; data that start in the middle of a page, with bss behind; a segment
 * that is not in the file, starting in bss's last page. */
static unsigned char file[FILE_SIZE];

static Elf64_Ehdr *
header(void)
{
	return (Elf64_Ehdr *)file;
}

static Elf64_Phdr *
segments(void)
{
	return (Elf64_Phdr *)(file + sizeof(Elf64_Ehdr));
}

static void
make_program(uint64_t page, uint64_t base)
{
	uint64_t data_offset = page + 0x78, data = base + 4 * page + 0x78;

	memset(file, 0xee, sizeof(file));
	*header() = (Elf64_Ehdr){
		.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_type = base > 0 ? ET_EXEC : ET_DYN,
		.e_machine = MACHINE,
		.e_entry = base + 0x200,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = SEGMENTS,
	};
	segments()[0] = (Elf64_Phdr){.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_vaddr = base,
		.p_filesz = CODE_SIZE,
		.p_memsz = CODE_SIZE,
		.p_align = page};
	segments()[1] = (Elf64_Phdr){.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_offset = data_offset,
		.p_vaddr = data,
		.p_filesz = DATA_SIZE,
		.p_memsz = BSS_SIZE,
		.p_align = page};
	segments()[2] = (Elf64_Phdr){.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_vaddr = data + BSS_SIZE,
		.p_memsz = 3 * page,
		.p_align = page};
}

/* Starts a static program that writes to so much of its data. */
static struct kernel
start_as(struct kernel kernel, uint32_t written)
{
	struct {
		struct config_head head;
		char strings[32];
	} config = {
		.head = {.magic = {'b', 'r', 'u', 'n', 'l', 'c', 'h', '4'},
			.size = sizeof(config),
			.kind = CONFIG_STATIC,
			.written = written},
		.strings = "id\0exe",
	};
	static const char *const argv[] = {"started", NULL};

	kernel.files[KERNEL_PROGRAM].data = kernel.files[KERNEL_INTERPRETER].data = file;
	kernel.files[KERNEL_PROGRAM].size = sizeof(file);
	kernel.argv = kernel.environment = argv;
	kernel_start(&kernel, &config, sizeof(config));
	return kernel;
}

static struct kernel
start_writing(uint64_t page, uint32_t written)
{
	return start_as(
		(struct kernel){.opens = "p", .self = "/out/started", .page_size = page}, written);
}

static struct kernel
start(uint64_t page)
{
	return start_writing(page, 0);
}

static const uint64_t pages[] = {0x1000, 0x4000, 0x10000};
enum { PAGES = sizeof(pages) / sizeof(*pages) };

/* The mappings of the program, without the launcher's own memory. */
static size_t
program_maps(const struct kernel *kernel, struct kernel_map ret_maps[8])
{
	size_t count = 0;

	for (size_t i = 0; i < kernel->map_count && count < 8; i++) {
		if (kernel->maps[i].file >= 0 || (kernel->maps[i].flags & MAP_FIXED)) {
			ret_maps[count++] = kernel->maps[i];
		}
	}
	return count;
}

/* Started by this name, with this argument or none, where opens gives these files and the name is
 * such a link or none: which path the operation of the configuration is given for ${ROOT}. */
static void
check_root(const char *name, const char *opens, const char *argument, const char *link,
	const char *root)
{
	static const struct {
		struct config_head head;
		char strings[64];
	} config = {
		.head = {.magic = {'b', 'r', 'u', 'n', 'l', 'c', 'h', '4'},
			.size = sizeof(config),
			.kind = CONFIG_STATIC,
			.levels = 1,
			.env_count = 1},
		.strings = "id\0exe\0\0\0\0\0\0"
			   "2R\0${ROOT}/x\0",
	};
	const char *const argv[] = {"started", "-x", argument, NULL};
	struct kernel kernel = {.files = {{file, sizeof(file)}, {file, 0}},
		.opens = opens,
		.name = name,
		.self = "/proc says/bin/started",
		.link = link,
		.page_size = 0x1000,
		.argv = argv,
		.environment = argv};

	make_program(0x1000, 0);
	kernel_start(&kernel, &config, sizeof(config));
	CHECK_TEXT(kernel.message, "");
	if (kernel.status < 0) {
		const char *const *at =
			(const char *const *)kernel.result.stack + 1 + kernel.result.stack[0] + 1;
		while (*at && strncmp(*at, "R=", 2) != 0) {
			at++;
		}
		char wanted[64];
		snprintf(wanted, sizeof(wanted), "%s/x", root);
		CHECK_TEXT(*at ? *at + 2 : "none", wanted);
	}
	kernel_done(&kernel);
}

TEST(its_name_is_believed_where_its_resources_are_beside)
{
	check_root("/out/bin/started", "p", NULL, NULL, "/out");
	check_root("/started", "p", NULL, NULL, "");
	check_root("/out/.hidden/a../.b.", "p", NULL, NULL, "/out/.hidden");
	check_root("/out:/$ORIGIN/started", "p", NULL, NULL, "/out:");
	/* like it, but another */
	check_root("/out/bin/started", "p", "/out/bin/start", NULL, "/out");
	check_root("/out/bin/started", "p", "/out/bin/started2", NULL, "/out");
}

TEST(otherwise_proc_is_asked)
{
	static const char *const names[] = {"bin/started", "/out/bin/../started", "/out/./started",
		"/out//started", "/out/bin/.", "/out/bin/..", "/out/bin/"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		check_root(names[i], "p", NULL, NULL, "/proc says");
	}
	/* a link; one on the way; nothing beside; what may not be opened */
	check_root("/out/bin/started", "p", NULL, "elsewhere", "/proc says");
	check_root("/out/bin/started", "lp", NULL, NULL, "/proc says");
	check_root("/out/bin/started", "np", NULL, NULL, "/proc says");
	check_root("/out/bin/started", "ap", NULL, NULL, "/proc says");
	/* a script */
	check_root("/out/bin/started", "p", "/out/bin/started", NULL, "/proc says");
}

/* The tests' kernel insists on it. */
TEST(with_privileges_its_name_is_not_believed)
{
	struct kernel kernel = start_as((struct kernel){.opens = "n",
						.name = "/out/bin/started",
						.self = "/proc says/bin/started",
						.page_size = 0x1000,
						.is_secure = true},
		0);

	CHECK(kernel.status == EXIT_NOT_FOUND);
	CHECK(strstr(kernel.message, "/proc says/"));
	kernel_done(&kernel);
}

TEST(segments_lie_where_the_headers_say_with_pages_of_any_size)
{
	for (size_t i = 0; i < 2 * PAGES; i++) {
		uint64_t page = pages[i / 2], base = i % 2 ? 0x7a0000000000 : 0;
		struct kernel_map maps[8];
		make_program(page, base);
		struct kernel kernel = start(page);
		CHECK_TEXT(kernel.message, "");
		CHECK_OR_RETURN(kernel.status < 0);
		CHECK_OR_RETURN(program_maps(&kernel, maps) == 4);
		uint64_t bias = maps[0].address - base, data = 4 * page + 0x78;
		uint64_t bss = (data + DATA_SIZE + page - 1) & -page;
		uint64_t bss_end = (data + BSS_SIZE + page - 1) & -page;
		uint64_t end = (data + BSS_SIZE + 3 * page + page - 1) & -page;
		CHECK(base == 0 ? bias > 0 && bias % page == 0 : bias == 0);
		CHECK(maps[0].length == end && maps[0].offset == 0);
		CHECK(maps[0].protection == (PROT_READ | PROT_EXEC));
		CHECK(maps[1].address == bias + base + 4 * page && maps[1].offset == page);
		CHECK(maps[1].length == bss - 4 * page && maps[1].file == KERNEL_PROGRAM);
		CHECK(maps[1].protection == (PROT_READ | PROT_WRITE));
		CHECK(maps[2].address == bias + base + bss && maps[2].length == bss_end - bss);
		CHECK(maps[2].file < 0 && maps[3].file < 0);
		CHECK(maps[3].address == bias + base + bss_end && maps[3].length == end - bss_end);
		CHECK(kernel.result.entry == bias + base + 0x200);
		kernel_done(&kernel);
	}
}

TEST(bss_is_zero_from_its_first_byte_to_its_last_pages_end)
{
	for (size_t i = 0; i < PAGES; i++) {
		struct kernel_map maps[8];
		make_program(pages[i], 0);
		struct kernel kernel = start(pages[i]);
		CHECK_OR_RETURN(kernel.status < 0 && program_maps(&kernel, maps) == 4);
		const unsigned char *data = (unsigned char *)maps[1].address + 0x78;
		const unsigned char *end = (unsigned char *)maps[2].address + maps[2].length;
		CHECK(data[DATA_SIZE - 1] == 0xee);
		for (const unsigned char *at = data + DATA_SIZE; at < end; at++) {
			CHECK_OR_RETURN(*at == 0);
		}
		kernel_done(&kernel);
	}
}

/* No more than the file has of them, for what is behind is empty. */
TEST(data_that_will_be_written_to_are_copied_at_once)
{
	for (size_t i = 0; i < 3 * PAGES; i++) {
		uint64_t page = pages[i / 3];
		const uint32_t written[] = {0, (uint32_t)page, UINT32_MAX};
		struct kernel_map maps[8];
		make_program(page, 0);
		struct kernel kernel = start_writing(page, written[i % 3]);
		CHECK_OR_RETURN(kernel.status < 0 && program_maps(&kernel, maps) == 4);
		CHECK(kernel.populated == maps[1].address);
		CHECK(kernel.populated_length == (i % 3 ? page : 0));
		CHECK(maps[1].length == page);
		kernel_done(&kernel);
	}
}

TEST(a_hole_between_segments_is_left_free)
{
	for (size_t i = 0; i < PAGES; i++) {
		struct kernel_map maps[8];
		int ends[2];
		make_program(pages[i], 0);
		segments()[0].p_filesz = segments()[0].p_memsz = pages[i];
		struct kernel kernel = start(pages[i]);
		CHECK_OR_RETURN(kernel.status < 0 && program_maps(&kernel, maps) == 4);
		/* The tests' kernel takes the rights away and keeps the place. */
		const char *code = (char *)maps[0].address, *hole = (char *)maps[1].address - 1;
		CHECK_OR_RETURN(pipe2(ends, O_CLOEXEC) == 0);
		CHECK(write(ends[1], code, 1) == 1 && write(ends[1], code + pages[i] - 1, 1) == 1);
		CHECK(write(ends[1], hole, 1) < 0 && write(ends[1], code + pages[i], 1) < 0);
		close(ends[0]);
		close(ends[1]);
		kernel_done(&kernel);
	}
}

TEST(a_segments_alignment_beyond_a_page_is_kept)
{
	for (size_t i = 0; i < PAGES; i++) {
		make_program(pages[i], 0);
		segments()[0].p_align = 0x200000;
		struct kernel kernel = start(pages[i]);
		struct kernel_map maps[8];
		CHECK_OR_RETURN(kernel.status < 0 && program_maps(&kernel, maps) == 4);
		CHECK(maps[0].address % 0x200000 == 0);
		kernel_done(&kernel);
	}
}

TEST(a_program_for_smaller_pages_is_refused)
{
	make_program(0x1000, 0);
	struct kernel kernel = start(0x10000);
	CHECK(kernel.status == EXIT_REFUSED);
	CHECK_TEXT(
		kernel.message, "/out/started: cannot start: /out/exe: not for this page size\n");
	kernel_done(&kernel);
}

/* Each row spoils one field. */
TEST(headers_that_make_no_sense_are_refused_before_anything_is_mapped)
{
	const struct {
		void *at;
		uint64_t value;
		size_t size;
		const char *why;
	} rows[] = {
		{file, 'x', 1, "not for this machine"},
		{&header()->e_machine, EM_386, 2, "not for this machine"},
		{&header()->e_phentsize, 32, 2, "not for this machine"},
		{&header()->e_phoff, FILE_SIZE - 8, 8, "cut off"},
		{&header()->e_phoff, UINT64_MAX - 7, 8, "error 0022"},
		{&header()->e_phnum, 0, 2, "no entry"},
		{&header()->e_entry, 0x300000, 8, "no entry"},
		{&segments()[0].p_filesz, FILE_SIZE + 1, 8, "segments in disorder"},
		{&segments()[1].p_offset, FILE_SIZE + 0x78, 8, "cut off"},
		{&segments()[1].p_vaddr, 0x78, 8, "segments in disorder"},
		{&segments()[1].p_memsz, 1, 8, "segments in disorder"},
		{&segments()[2].p_memsz, UINT64_MAX, 8, "segments in disorder"},
		{&segments()[2].p_vaddr, UINT64_MAX - 1, 8, "segments in disorder"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kernel_map maps[8];
		make_program(0x1000, 0);
		memcpy(rows[i].at, &rows[i].value, rows[i].size);
		struct kernel kernel = start(0x1000);
		CHECK(kernel.status == EXIT_REFUSED);
		CHECK(program_maps(&kernel, maps) == 0);
		if (!strstr(kernel.message, rows[i].why)) {
			CHECK_TEXT(kernel.message, rows[i].why);
		}
		kernel_done(&kernel);
	}
}

TEST(no_address_is_taken_twice_and_none_by_force)
{
	make_program(0x1000, 0x7a0000000000);
	void *taken = mmap((void *)0x7a0000004000, 0x1000, PROT_READ,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	CHECK_OR_RETURN(taken == (void *)0x7a0000004000);
	struct kernel kernel = start(0x1000);
	CHECK(kernel.status == EXIT_REFUSED && strstr(kernel.message, "no room in memory"));
	kernel_done(&kernel);
	munmap(taken, 0x1000);
}
