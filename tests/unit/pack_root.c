/* SPDX-License-Identifier: MIT */
/* Programs of a root file system: s is one, and this host's stands behind it. */
#include "packing.h"

/* p/bin and the like are not used here. */
static int
pack_root(const char *const *programs)
{
	struct pack_source behind = {open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "/", "base"};
	const struct pack_spec spec = {.package = tree("s", "/"),
		.programs = programs,
		.sources = &behind,
		.source_count = 1};
	cleanup_free char *path = mem_printf("%s/o", scratch);

	mkdir(path, 0755);
	cleanup_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = pack_tree(&spec, fd, &report, &err);
	close(spec.package.fd);
	close(behind.fd);
	return result;
}

#define PROGRAMS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* s/PATH with this text, executable. */
static bool
script(const char *path, const char *text)
{
	return sh("mkdir -p $(dirname s/%s); printf '%%s\\n' '%s' >s/%s && chmod 755 s/%s", path,
		text, path, path);
}

TEST(a_wrapper_script_brings_what_it_starts)
{
	start();
	CHECK(sh("mkdir -p s/usr/lib/tool s/usr/share/tool; echo data >s/usr/share/tool/data"));
	CHECK(cc("s/usr/lib/tool/tool", "",
		MAIN "int main(int c, char **v) { puts(v[c - 1]); return 0; }"));
	CHECK(script("usr/bin/tool", "#!/bin/sh\nD=\"/usr/share/tool\"; read x <$D/data\n"
				     "exec /usr/lib/tool/tool $x \"$@\""));
	CHECK(sh("mkdir -p s/var/lib/dpkg/info; cd s/var/lib/dpkg; "
		 "printf '/.\\n/usr/share/tool\\n/usr/share/tool/data\\n' >info/tool-data.list; "
		 "printf 'Package: tool-data\\nStatus: install ok installed\\n"
		 "Version: 1:2.0-3\\n' >status"));
	CHECK(pack_root(PROGRAMS("usr/bin/tool")) == 0 && report.programs == 1 &&
		report.scripts == 1);
	CHECK(!report.warnings || !strstr(report.warnings, "bin/tool names"));
	CHECK(has(say("cat o/brun-resources.d/*/pack.json"), "\"tool-data\": \"1:2.0-3\""));
	CHECK_TEXT(say("mv o 'a b'; 'a b/bin/tool'; 'a b/bin/tool' 1 '2 3'"), "data\n2 3");
	CHECK_TEXT(say("sed -n '2,$p' a*/.bin.tool/tool"),
		"D=\"${0%/*}/../share/tool\"; read x <$D/data\n"
		"exec \"${0%/*}\"/../lib/tool/tool $x \"$@\"");
	CHECK(has(say("cat a*/brun-resources.d/*/pack.json"), "\"rule\": \"script\""));
	finish();
}

TEST(a_path_that_climbs_is_no_directory_of_its_own)
{
	start();
	CHECK(sh("mkdir -p s/usr/lib s/usr/share s/opt; echo 1 >s/usr/lib/x"));
	CHECK(script("usr/bin/tool", "#!/bin/sh\necho /usr/lib/.. /usr/share/. /opt/.."));
	CHECK(pack_root(PROGRAMS("usr/bin/tool")) == 0);
	CHECK_TEXT(say("o/bin/tool; test ! -e o/share && test ! -e o/lib || echo there"),
		"/usr/lib/.. /usr/share/. /opt/..");
	finish();
}

TEST(directories_of_everybody_stay_where_they_are)
{
	start();
	CHECK(sh(
		"mkdir -p s/usr/share/doc/x s/usr/lib/x86_64-linux-gnu s/usr/lib/python3; "
		"echo 1 | tee s/usr/share/doc/x/y s/usr/lib/python3/z >s/usr/lib/x86_64-linux-gnu/y"));
	CHECK(script("usr/bin/tool", "#!/bin/sh\necho /usr/share/doc/x/y /usr/lib/python3/z "
				     "/usr/lib/x86_64-linux-gnu"));
	CHECK(pack_root(PROGRAMS("usr/bin/tool")) == 0);
	CHECK_TEXT(say("o/bin/tool; test ! -e o/share && test ! -e o/lib || echo there"),
		"/usr/share/doc/x/y /usr/lib/python3/z /usr/lib/x86_64-linux-gnu");
	finish();
}

TEST(a_script_whose_quotes_are_not_understood_stays_as_it_is)
{
	start();
	CHECK(sh("mkdir -p s/usr/lib/tool; echo 1 >s/usr/lib/tool/x"));
	CHECK(script("usr/bin/tool", "#!/bin/sh\necho /usr/lib/tool/x; exit\nit`s never read"));
	CHECK(pack_root(PROGRAMS("usr/bin/tool")) == 0);
	CHECK_TEXT(say("o/bin/tool"), "/usr/lib/tool/x");
	CHECK(has(report.warnings, "its quotes are not understood"));
	finish();
}

TEST(what_a_program_names_and_does_not_get_is_said)
{
	start();
	CHECK(sh(
		"mkdir -p s/usr/bin s/usr/share/tool s/etc/tool; echo 1 | tee s/usr/share/tool/data "
		"s/etc/tool/conf"));
	CHECK(cc("s/usr/bin/tool", "",
		MAIN "#include <stdlib.h>\nconst char *a = \"/usr/share/tool/data\", "
		     "*b = \"/etc/tool/conf\", *c = \"/usr/share/nothing/here\"; "
		     "int main(void) { puts(a); puts(b); puts(c); return system(\"true\"); }"));
	CHECK(cc("s/usr/bin/plain", "", HELLO));
	CHECK(pack_root(PROGRAMS("usr/bin/tool", "usr/bin/plain")) == 0);
	CHECK(has(report.warnings, "bin/tool names what does not come along: /usr/share/tool/data, "
				   "/etc/tool/conf. "));
	CHECK(has(report.warnings, "bin/tool may have /bin/sh do something"));
	CHECK(!strstr(report.warnings, "bin/plain"));
	finish();
}

TEST(what_every_machine_has_and_what_only_debuggers_read_is_not_missed)
{
	start();
	CHECK(sh("mkdir -p s/usr/bin s/usr/share/dbus-1/services s/usr/lib/modules-load.d "
		 "s/var/lib/dbus s/usr/lib/gcc/include; touch s/usr/share/dbus-1/session.conf "
		 "s/var/lib/dbus/machine-id s/usr/lib/gcc/include/x.h"));
	/* a section that is not mapped is what debugging information is */
	CHECK(cc("s/usr/bin/tool", "",
		MAIN
		"const char *a[] = {\"/usr/lib/modules-load.d\", \"/usr/share/dbus-1/services\", "
		"\"/var/lib/dbus/machine-id\", \"/usr/share/dbus-1/session.conf\"};"
		"__asm__(\".pushsection .debug_own\\n.string \\\"/usr/lib/gcc/include/x.h\\\"\\n"
		".popsection\");"
		"int main(int n, char **v) { puts(a[n % 4]); return 0; }"));
	CHECK(sh("grep -q /usr/lib/gcc/include s/usr/bin/tool"));
	CHECK(pack_root(PROGRAMS("usr/bin/tool")) == 0);
	CHECK(has(report.warnings, "bin/tool names what does not come along: "
				   "/usr/share/dbus-1/session.conf. "));
	finish();
}

TEST(a_script_that_lies_among_its_own_files_is_told_to_be_alone)
{
	start();
	CHECK(script("usr/lib/tool/bin/tool.sh", "#!/bin/sh\n. $(dirname \"$0\")/../lib/more") &&
		script("usr/bin/alone", "#!/bin/sh\necho alone"));
	CHECK(sh("mkdir s/usr/lib/tool/lib; echo echo more >s/usr/lib/tool/lib/more; "
		 "ln -s ../lib/tool/bin/tool.sh s/usr/bin/tool"));
	CHECK(pack_root(PROGRAMS("usr/bin/tool", "usr/bin/alone")) == 0);
	CHECK(has(report.warnings, "bin/tool is a script that lies in /usr/lib/tool/bin, where "));
	CHECK(!strstr(report.warnings, "bin/alone"));
	finish();
}

TEST(only_a_script_that_was_asked_for_must_have_its_interpreter)
{
	start();
	CHECK(script("usr/lib/tool/helper", "#!/usr/bin/no-such-interpreter"));
	CHECK(script("usr/bin/tool", "#!/bin/sh\necho /usr/lib/tool/helper"));
	CHECK(pack_root(PROGRAMS("usr/bin/tool")) == 0);
	CHECK(has(report.warnings, "script lib/tool/helper is left as it is"));
	finish();
	start();
	CHECK(script("usr/bin/helper", "#!/usr/bin/no-such-interpreter"));
	CHECK(pack_root(PROGRAMS("usr/bin/helper")) == -1 &&
		has(err.text, "nothing provides the interpreter"));
	finish();
}
