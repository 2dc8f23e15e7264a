/* SPDX-License-Identifier: MIT */
/* What is read from ELF files, and what is changed in them. */
#include "launcher/classify.h"
#include "launcher/elf.h"
#include "launcher/symbols.h"

#include "packing.h"

#define LIB "-shared -fPIC "
static const char library[] = "int own(void) { return 0; }";

/* readelf -d's lines of a library's own path in the output. */
static const char *
path_of(const char *file)
{
	cleanup_free char *command = mem_printf(
		"readelf -Wd %s | sed -n 's/.*(\\(R[A-Z]*PATH\\)).*\\[\\(.*\\)\\]/\\1 \\2/p'",
		file);

	return say(command);
}

TEST(a_shipped_librarys_runpath_becomes_a_relative_rpath)
{
	start();
	CHECK(cc("p/lib/libown.so", LIB "-Wl,-rpath,/brun/lib,--enable-new-dtags", library));
	CHECK_TEXT(path_of("p/lib/libown.so"), "RUNPATH /brun/lib");
	CHECK(pack() == 0);
	CHECK_TEXT(path_of("o/lib/libown.so"), "RPATH $ORIGIN");
	CHECK(sh("test $(stat -c %%s p/lib/libown.so) = $(stat -c %%s o/lib/libown.so)"));
	finish();
}

TEST(only_whole_strings_of_glibc_are_edited)
{
	static const char paths[] =
		"const char a[] = \"/opt/glibc/gconv\", b[] = \"in /opt/glibc/gconv\", "
		"c[] = \"/opt/glibc/gconv/x\", d[] = \"/a/gconv\", "
		"e[] = \"/opt/glibc/gconv/gconv-modules.cache\", f[] = \"/opt/glibc/locale\", "
		"g[] = \"/opt/my-locale\", h[] = \"LOCPATH\", i[] = \"MY_LOCPATH\", "
		"j[] = \"GCONV_PATHS\", k[] = \"/opt/glibc/locale/%L/%N:/x/%N:/opt/locale/%l:\";";

	start();
	CHECK(cc("p/lib/libown.so", LIB "-Wl,-soname,libown.so", paths));
	CHECK(cc("p/lib/libc.so.6", LIB "-Wl,-soname,libc.so.6", paths));
	CHECK(pack() == 0);
	CHECK(sh("cmp p/lib/libown.so o/lib/libown.so"));
	CHECK_TEXT(say("strings o/lib/libc.so.6 | grep -iE 'gconv|loc|PATH'"),
		"/dev/null//gconv\nin /opt/glibc/gconv\n/opt/glibc/gconv/x\n/a/gconv\n"
		"/dev/null//gconv/gconv-modules.cache\n/dev/null//locale\n/opt/my-locale\n"
		"BRLPATH\nMY_LOCPATH\nGCONV_PATHS\n/dev/null//locale/%L/%N:/x/%N:/dev/null/e/%l:");
	finish();
}

TEST(entries_of_a_runpath_that_lead_to_the_host_go)
{
	start();
	CHECK(cc("p/lib/libown.so",
		LIB "-Wl,-rpath,/usr/local/lib:\\$ORIGIN/x:/brun/lib/y,--enable-new-dtags",
		library));
	CHECK(pack() == 0);
	CHECK_TEXT(path_of("o/lib/libown.so"), "RPATH $ORIGIN/x:$ORIGIN/y");
	finish();
}

TEST(a_path_whose_bytes_another_string_shares_is_taken_out_whole)
{
	start();
	/* the symbol "lib" is the tail of "/brun/lib": the linker keeps them once */
	CHECK(cc("p/lib/libown.so", LIB "-O2 -Wl,-O2,-rpath,/brun/lib,--enable-new-dtags",
		"int lib(void) { return 7; }"));
	CHECK(cc("p/bin/user", "p/lib/libown.so",
		"int lib(void); int main(void) { return lib(); }"));
	CHECK(pack() == 0);
	CHECK_TEXT(path_of("o/lib/libown.so"), "RPATH ");
	CHECK_TEXT(say("o/bin/user; echo $?"), "7");
	finish();
}

TEST(a_library_of_a_dependency_loses_its_runpath_in_the_flat_folder)
{
	start();
	CHECK(cc("d/lib/libdep.so", LIB "-Wl,-rpath,/brun/lib,-soname,libdep.so,--enable-new-dtags",
		library));
	CHECK(cc("p/bin/user", "d/lib/libdep.so",
		"int own(void); int main(void) { return own(); }"));
	CHECK(pack() == 0 && sh("o/bin/user"));
	CHECK_TEXT(path_of("o/brun-resources.d/*/lib/libdep.so"), "RPATH ");
	finish();
}

TEST(a_needed_path_is_cut_to_its_name_in_libraries)
{
	start();
	CHECK(cc("d/lib/libnoname.so", LIB, library));
	CHECK(sh("mkdir sub; cp d/lib/libnoname.so sub/"));
	CHECK(cc("p/lib/libown.so", LIB "-Wl,-soname,libown.so sub/libnoname.so",
		"int own(void); int mine(void) { return own(); }"));
	CHECK(has(say("readelf -Wd p/lib/libown.so"), "[sub/libnoname.so]"));
	CHECK(cc("p/bin/user", "p/lib/libown.so -Wl,--allow-shlib-undefined",
		"int mine(void); int main(void) { return mine(); }"));
	CHECK(pack() == 0 && sh("o/bin/user"));
	CHECK(has(say("readelf -Wd o/lib/libown.so"), "[libnoname.so]"));
	finish();
}

TEST(a_module_that_is_opened_finds_what_it_needs)
{
	start();
	CHECK(cc("d/lib/libdep.so", LIB "-Wl,-soname,libdep.so", library));
	CHECK(sh("mkdir p/lib/modules"));
	CHECK(cc("p/lib/modules/m.so",
		LIB "-Wl,-rpath,/brun/lib,--enable-new-dtags d/lib/libdep.so",
		"int own(void); int mine(void) { return own(); }"));
	CHECK(cc("p/bin/opener", "",
		MAIN "#include <dlfcn.h>\nint main(int n, char **a) { void *m = "
		     "dlopen(a[n - 1], RTLD_NOW); puts(m ? \"open\" : "
		     "dlerror()); return 0; }"));
	CHECK(pack() == 0 && !report.warnings);
	CHECK_TEXT(say("o/bin/opener $PWD/o/lib/modules/m.so"), "open");
	CHECK(sh("rm d/lib/libdep.so") && pack_into((struct pack_spec){0}, "p", "o2") == 0);
	CHECK(has(report.warnings, "lib/modules/m.so") && has(report.warnings, "libdep.so"));
	finish();
}

TEST(libraries_named_for_run_time_are_taken_along)
{
	const char *const libs[] = {"libplug.so.1", NULL}, *const gone[] = {"libgone.so.1", NULL};
	start();
	CHECK(cc("d/lib/libplug.so.1", LIB "-Wl,-soname,libplug.so.1", library));
	CHECK(cc("p/bin/hello", "",
		MAIN "#include <dlfcn.h>\nint main(void) { return "
		     "!dlopen(\"libplug.so.1\", RTLD_NOW); }"));
	CHECK(pack_into((struct pack_spec){.libs = libs}, "p", "o") == 0 && sh("o/bin/hello"));
	CHECK(pack_into((struct pack_spec){.libs = gone}, "p", "o2") == -1);
	CHECK(err.status == STATUS_UNPACKABLE && has(err.text, "libgone.so.1"));
	finish();
}

TEST(a_name_of_a_library_in_a_program_is_reported_as_a_candidate)
{
	start();
	CHECK(cc("d/lib/libmaybe.so.3", LIB "-Wl,-soname,libmaybe.so.3", library));
	CHECK(cc("p/bin/hello", "",
		MAIN "int main(void) { puts(\"libmaybe.so.3\"); puts(\"libnever.so.3\"); "
		     "puts(\"see libmaybe.so.3\"); return 0; }"));
	CHECK(pack() == 0);
	CHECK_TEXT(report.warnings,
		"bin/hello may open libmaybe.so.3 (of d) at run time: runtime.libs (or --lib) "
		"takes it along\n");
	finish();
}

TEST(a_program_that_needs_a_library_by_a_path_finds_it_by_its_name)
{
	start();
	CHECK(cc("d/lib/libnoname.so", LIB, library));
	CHECK(cc("p/bin/user", "d/lib/libnoname.so",
		"int own(void); int main(void) { return own(); }"));
	CHECK(has(say("readelf -Wd p/bin/user"), "[d/lib/libnoname.so]"));
	CHECK(pack() == 0 && sh("cd / && $OLDPWD/o/bin/user"));
	finish();
}

TEST(a_program_of_another_machine_is_packed_with_its_own_libraries)
{
	const char *const programs[] = {"/hello", NULL};
	start();
	if (system("command -v aarch64-linux-gnu-gcc >/dev/null && test -e "
		   "/usr/aarch64-linux-gnu/lib/libc.so.6") != 0) {
		SKIP("aarch64-linux-gnu-gcc is not installed");
	}
	CHECK(sh("printf '%%s\\n' '%s' >x.c && mkdir o && cp -r /usr/aarch64-linux-gnu/lib d/ && "
		 "aarch64-linux-gnu-gcc -o d/hello x.c",
		HELLO));
	struct pack_spec spec = {.package = tree("d", "/"), .programs = programs};
	struct pack_source to = tree("o", "/");
	int result = pack_tree(&spec, to.fd, &report, &err);
	close(spec.package.fd);
	close(to.fd);
	CHECK(result == 0 || has(err.text, "no launcher for ELF machine"));
	CHECK(result < 0 || sh("test -e o/brun-resources.d/*/lib/ld-linux-aarch64.so.1"));
	if (result == 0 && system("command -v qemu-aarch64 >/dev/null") == 0) {
		CHECK_TEXT(say("qemu-aarch64 o/bin/hello"), "hello");
	}
	finish();
}

TEST(the_dlopen_note_of_a_program_is_followed)
{
	start();
	CHECK(cc("d/lib/libnote.so.2", LIB "-Wl,-soname,libnote.so.2", library));
	CHECK(cc("p/bin/hello", "",
		HELLO
		"\n__asm__(\".pushsection .note.dlopen,\\\"a\\\",@note\\n.balign 4\\n.long 4, 2f - 1f, "
		"0x407c0c0a\\n.asciz \\\"FDO\\\"\\n1: .asciz "
		"\\\"[{\\\\\\\"soname\\\\\\\":[\\\\\\\"libno.so\\\\\\\",\\\\\\\"libnote.so.2\\\\\\\"]},"
		"{\\\\\\\"soname\\\\\\\":[\\\\\\\"libneeded.so\\\\\\\"],\\\\\\\"priority\\\\\\\":"
		"\\\\\\\"required\\\\\\\"}]\\\"\\n2: .balign 4\\n.popsection\");"));
	CHECK(pack() == 0 && sh("test -e o/brun-resources.d/*/lib/libnote.so.2"));
	CHECK(has(report.warnings, "libneeded.so"));
	finish();
}

TEST(threads_that_can_be_cancelled_bring_the_unwinder)
{
	start();
	CHECK(cc("p/bin/cancel", "-pthread",
		"#include <pthread.h>\nint main(int n, char **a) { (void)a; "
		"if (n > 1) pthread_cancel(pthread_self()); return 0; }"));
	CHECK(pack() == 0 && sh("test -e o/brun-resources.d/*/lib/libgcc_s.so.1"));
	finish();
}

TEST(a_musl_program_is_packed_with_its_own_loader)
{
	start();
	if (system("command -v musl-gcc >/dev/null") != 0) {
		SKIP("musl-gcc is not installed");
	}
	CHECK(sh("printf '%%s\\n' '%s' >x.c && musl-gcc -o p/bin/hello x.c", HELLO));
	CHECK(pack() == 0);
	CHECK_TEXT(say("o/bin/hello"), "hello");
	CHECK(has(say("find o -name 'ld-musl*' | sort"), "/etc/ld-musl-x86_64.path"));
	finish();
}

TEST(files_are_told_apart)
{
	start();
	CHECK(cc("pie", "-pie -fPIE", HELLO) && cc("exec", "-no-pie", HELLO) &&
		cc("static", "-static", HELLO) && cc("static-pie", "-static-pie", HELLO) &&
		cc("library", LIB, HELLO) && cc("object", "-c", HELLO) &&
		sh("cp -L /lib/x86_64-linux-gnu/libc.so.6 libc; cp -L /lib64/ld-linux-x86-64.so.2 ld; "
		   "echo '#!/bin/sh' >script; printf '\\177ELF' >stump; : >empty"));
	static const struct {
		const char *name;
		enum file_class class;
	} cases[] = {{"pie", FILE_DYNAMIC_PROGRAM}, {"exec", FILE_DYNAMIC_PROGRAM},
		{"static", FILE_STATIC_PROGRAM}, {"static-pie", FILE_STATIC_PROGRAM},
		{"library", FILE_LIBRARY}, {"object", FILE_RELOCATABLE}, {"libc", FILE_LIBRARY},
		{"ld", FILE_LIBRARY}, {"script", FILE_SCRIPT}, {"stump", FILE_OTHER},
		{"empty", FILE_OTHER}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cleanup_free char *path = mem_printf("%s/%s", scratch, cases[i].name);
		cleanup_buf struct buf data = {0};
		struct elf elf;
		CHECK(fs_read_at(AT_FDCWD, path, 64 << 20, &data, NULL) == 0);
		CHECK_TEXT(file_class_name(file_classify(data.data, data.length, &elf, NULL)),
			file_class_name(cases[i].class));
	}
	finish();
}

/* Every byte of the headers and of the dynamic section, bent one by one. */
TEST(bent_files_are_packed_or_refused_but_never_crash)
{
	start();
	CHECK(cc("p/lib/libown.so", LIB "-Wl,-rpath,/brun/lib -Wl,-z,norelro", library));
	CHECK(cc("p/bin/hello", "p/lib/libown.so",
		"int own(void); int main(void) { return own(); }"));
	cleanup_free char *path = mem_printf("%s/p/lib/libown.so", scratch);
	cleanup_buf struct buf data = {0};
	struct elf elf;
	CHECK_OR_RETURN(fs_read_at(AT_FDCWD, path, 1 << 20, &data, NULL) == 0);
	CHECK_OR_RETURN(!elf_open(data.data, data.length, &elf) && !elf_dynamic_open(&elf));
	size_t spots[2][2] = {{0, 64 + 56 * (size_t)elf.segment_count},
		{elf.dynamic_offset, elf.dynamic_offset + 16 * elf.dynamic_count}};
	unsigned packed = 0, refused = 0;
	for (int k = 0; k < 2; k++) {
		for (size_t i = spots[k][0]; i < spots[k][1]; i += 7) {
			char old = data.data[i];
			data.data[i] ^= (char)(i % 2 ? 0xff : 0x81);
			CHECK(replace_file(AT_FDCWD, path, 0644, data.data, data.length, NULL) ==
				0);
			data.data[i] = old;
			int result = pack_into((struct pack_spec){0}, "p", "o");
			packed += result == 0;
			refused += result < 0 && err.status == STATUS_UNPACKABLE;
			CHECK(result == 0 || err.status == STATUS_UNPACKABLE);
			cleanup_free char *output = mem_printf("%s/o", scratch);
			CHECK(fs_remove_at(AT_FDCWD, output, NULL) == 0);
		}
	}
	CHECK(packed > 0 && refused > 0);
	finish();
}

TEST(the_address_for_debuggers_is_that_of_a_defined_symbol)
{
	struct buf data = {0};
	struct elf elf;

	start();
	CHECK(cc("p/defines", LIB, "long _r_debug = 1;") &&
		cc("p/uses", LIB, "extern int _r_debug; int f(void) { return _r_debug; }"));
	for (int i = 0; i < 2; i++) {
		const char *name = i == 0 ? "p/defines" : "p/uses";
		cleanup_free char *path = mem_printf("%s/%s", scratch, name);
		cleanup_free char *command = mem_printf(
			"readelf -W --dyn-syms %s | awk '$8 == \"_r_debug\" { print $2 }'", name);
		data.length = 0;
		CHECK_OR_RETURN(fs_read_at(AT_FDCWD, path, 1 << 20, &data, NULL) == 0);
		CHECK_OR_RETURN(!elf_open(data.data, data.length, &elf) && !elf_dynamic_open(&elf));
		uint64_t wanted = strtoull(say(command), NULL, 16);
		CHECK((i == 0) == (wanted != 0));
		CHECK(symbols_debug_address(&elf) == (wanted % 8 == 0 ? wanted : 0));
	}
	buf_done(&data);
	finish();
}
