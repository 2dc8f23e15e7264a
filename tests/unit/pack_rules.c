/* SPDX-License-Identifier: MIT */
/* Data that programs are known to look for, taken along by rules. */
#include "launcher/rules.h"

#include "packing.h"

#define LIBMAGIC                                                                                   \
	cc("d/lib/libmagic.so.1", "-shared -fPIC -Wl,-soname,libmagic.so.1",                       \
		"int magic(void) { return 0; }")
#define SHOW(name)                                                                                 \
	"#include <stdlib.h>\n" MAIN "int magic(void); int main(void) { char *x = getenv(\"" name  \
	"\"); puts(x ? x : \"unset\"); return magic(); }"

static bool
make_file(void)
{
	return CHECK(LIBMAGIC && cc("p/bin/file", "d/lib/libmagic.so.1", SHOW("MAGIC")) &&
		     sh("mkdir -p d/share/misc; echo database >d/share/misc/magic.mgc"));
}

TEST(a_library_brings_its_data_and_the_variable_that_leads_to_them)
{
	start();
	CHECK(make_file() && pack() == 0 && !report.warnings);
	CHECK_TEXT(say("cat o/share/misc/magic.mgc"), "database");
	CHECK_TEXT(say("o/bin/file | sed \"s|$PWD/||\""), "o/share/misc/magic.mgc");
	CHECK_TEXT(say("MAGIC=mine o/bin/file"), "mine");
	CHECK(has(say("cat o/brun-resources.d/*/pack.json"),
		"\"share/misc/magic.mgc\": {\n   \"from\": \"d\",\n   \"path\": "
		"\"share/misc/magic.mgc\",\n   \"rule\": \"magic\"\n"));
	finish();
}

TEST(of_data_that_ship_only_the_place_is_told)
{
	start();
	CHECK(make_file() && sh("mkdir -p p/share/misc; echo own >p/share/misc/magic.mgc"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("cat $(o/bin/file)"), "own");
	CHECK(!strstr(say("cat o/brun-resources.d/*/pack.json"), "\"rule\""));
	finish();
}

TEST(who_sets_a_rules_variable_has_seen_to_it)
{
	struct runtime_env env = {ENV_DEFAULT, "MAGIC", "${ROOT}/x", NULL};

	start();
	CHECK(make_file() &&
		pack_into((struct pack_spec){.env = &env, .env_count = 1}, "p", "o") == 0);
	CHECK(sh("test ! -e o/share && test $(o/bin/file) = $PWD/o/x"));
	finish();
}

TEST(nothing_is_written_through_a_link_that_ships)
{
	start();
	CHECK(make_file() && sh("mkdir -p outside; ln -s $PWD/outside p/share"));
	CHECK(pack() == -1 && has(err.text, "'share', which is no directory of the output"));
	CHECK(sh("test -z \"$(ls -A outside)\""));
	finish();
	start();
	CHECK(make_file() && sh("mkdir -p outside; ln -s $PWD/outside p/brun-resources.d"));
	CHECK(pack() == -1 && has(err.text, "'brun-resources.d' that is no directory"));
	CHECK(sh("test -z \"$(ls -A outside)\""));
	finish();
}

TEST(rules_can_be_switched_off)
{
	start();
	CHECK(make_file() && pack_into((struct pack_spec){.no_rules = true}, "p", "o") == 0);
	CHECK(sh("test ! -e o/share && test $(o/bin/file) = unset"));
	finish();
}

TEST(a_packed_tree_is_not_furnished_again)
{
	start();
	CHECK(make_file() && pack() == 0 && pack_into((struct pack_spec){0}, "o", "o2") == 0);
	CHECK(sh("diff -r --no-dereference o o2"));
	finish();
}

TEST(programs_among_the_data_are_packed_with_what_they_need)
{
	start();
	CHECK(LIBMAGIC && cc("p/bin/git", "", HELLO) && sh("mkdir -p d/lib/git-core d/share/misc"));
	CHECK(cc("d/lib/git-core/git-tool", "d/lib/libmagic.so.1", SHOW("MAGIC")));
	CHECK(sh("echo database >d/share/misc/magic.mgc; ln -s git-tool d/lib/git-core/git-alias; "
		 "printf '#!/bin/sh\\necho \"script $0\"\\n' >d/lib/git-core/git-script; "
		 "echo text >d/lib/git-core/text; chmod 755 d/lib/git-core/git-script"));
	CHECK(pack() == 0 && report.programs == 2 && report.scripts == 1 && !report.warnings);
	CHECK_TEXT(say("cat $(o/lib/git-core/git-alias)"), "database");
	CHECK_TEXT(say("readlink o/lib/git-core/git-alias; o/lib/git-core/git-script "
		       "| sed \"s|$PWD/||\"; ls -A o/lib/git-core"),
		"git-tool\nscript o/lib/.git-core.git-script/git-script\n"
		"git-alias\ngit-script\ngit-tool\ntext");
	finish();
}

TEST(links_of_data_lead_nowhere_else_and_set_id_files_stay_behind)
{
	start();
	CHECK(LIBMAGIC && cc("p/bin/git", "", HELLO) && sh("mkdir -p d/lib/git-core/a d/other"));
	CHECK(sh("cd d/lib/git-core && echo 1 >a/one && ln -s ../a/one a/up && "
		 "ln -s /brun/lib/git-core/a/one whole && echo 2 >../../other/two && "
		 "ln -s ../../other/two out && ln -s ../../other folder && ln -s nowhere lost && "
		 "ln -s . self && echo x >setid && chmod 4755 setid"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("cd o/lib/git-core; ls; readlink a/up whole self; cat out"),
		"a\nout\nself\nwhole\none\na/one\n.\n2");
	CHECK(has(report.warnings, "/lib/git-core/setid of d is left out: it is set-id"));
	CHECK(has(report.warnings,
		"/lib/git-core/folder of d is left out: it leads to the directory /other"));
	finish();
}

TEST(a_directory_that_is_linked_to_comes_along_where_a_rule_says_so)
{
	start();
	CHECK(cc("p/bin/go", "", HELLO) &&
		sh("mkdir -p d/lib/go/bin d/share/go/src/a d/share/go/pkg"));
	CHECK(sh(
		"cd d && echo 1 >share/go/src/a/one && ln -s ../../share/go/src lib/go/src && "
		"ln -s ../.. share/go/src/up && ln -s /brun lib/go/all && ln -s ../pkg lib/go/bin/p"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("cd o; find lib -type f -o -type l"), "lib/go/src/a/one");
	CHECK(has(report.warnings, "/share/go/src/up") && has(report.warnings, "/lib/go/all"));
	CHECK_TEXT(say("o/bin/go"), "hello");
	finish();
}

TEST(a_version_in_the_programs_name_chooses_its_data)
{
	start();
	CHECK(cc("p/bin/python3.11", "", HELLO) && sh("mkdir -p d/lib/python3.11/test "
						      "d/lib/python3.12 d/lib/python3"));
	CHECK(sh(
		"echo x | tee d/lib/python3.11/os.py d/lib/python3.11/test/x d/lib/python3.12/os.py"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("cd o; find lib"), "lib\nlib/python3.11\nlib/python3.11/os.py");
	finish();
}

TEST(modules_among_the_data_bring_their_libraries)
{
	start();
	CHECK(LIBMAGIC && cc("p/bin/python3.11", "", HELLO) &&
		sh("mkdir -p d/lib/python3.11/lib-dynload"));
	CHECK(cc("d/lib/python3.11/lib-dynload/m.so",
		"-shared -fPIC d/lib/libmagic.so.1 -Wl,-rpath,/brun/lib",
		"int magic(void); int f(void) { return magic(); }"));
	CHECK(pack() == 0 && !report.warnings);
	CHECK(sh("test -e o/brun-resources.d/*/lib/libmagic.so.1"));
	CHECK(sh("! cmp -s d/lib/python3.11/lib-dynload/m.so o/lib/python3.11/lib-dynload/m.so"));
	finish();
}

TEST(compiled_python_is_current_wherever_it_lies)
{
	start();
	/* magic 3495 (3.11), flags 0, time and size; then one that is checked by hash, one of
	 * 2.7 */
	CHECK(sh("printf '\\247\\r\\r\\n\\0\\0\\0\\0TIMESIZEcode' >p/lib/a.pyc; "
		 "printf '\\247\\r\\r\\n\\3\\0\\0\\0HASHHASHcode' >p/lib/b.pyc; "
		 "printf '\\003\\363\\r\\nTIMEcodecodecode' >p/lib/c.pyc; : >p/lib/d.pyc"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("od -An -c o/lib/a.pyc | tr -s ' \\n' ' '"),
		" 247 \\r \\r \\n 001 \\0 \\0 \\0 \\0 \\0 \\0 \\0 \\0 \\0 \\0 \\0 c o d e ");
	CHECK(sh("for f in b c d; do cmp p/lib/$f.pyc o/lib/$f.pyc || exit; done"));
	finish();
}

TEST(data_of_two_rules_at_one_place_are_there_once)
{
	start();
	/* share/tcltk is of one rule, share/tcltk/tcl8.6 of another */
	CHECK(cc("d/lib/libtcl8.6.so", "-shared -fPIC -Wl,-soname,libtcl8.6.so",
		"int magic(void) { return 0; }"));
	CHECK(cc("p/bin/tclsh", "d/lib/libtcl8.6.so", SHOW("TCL_LIBRARY")) &&
		sh("mkdir -p d/share/tcltk/tcl8.6/a; echo 1 >d/share/tcltk/tcl8.6/a/init.tcl; "
		   "ln -s tcl8.6/a d/share/tcltk/a"));
	CHECK(pack() == 0 && !report.warnings);
	CHECK_TEXT(say("cat $(o/bin/tclsh)/a/init.tcl o/share/tcltk/a/init.tcl"), "1\n1");
	finish();
}

/* Two trees with a libmagic and a database each; the second lies as a root would. */
static int
pack_two(void)
{
	struct pack_source sources[] = {tree("d", "/brun"), tree("e", "/"),
		{open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "/", "base"}};
	const struct pack_spec spec = {
		.package = tree("p", "/brun"), .sources = sources, .source_count = 3};
	cleanup_free char *path = mem_printf("%s/o", scratch);

	mkdir(path, 0755);
	cleanup_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = pack_tree(&spec, fd, &report, &err);
	close(spec.package.fd);
	for (size_t i = 0; i < 3; i++) {
		close(sources[i].fd);
	}
	return result;
}

TEST(of_two_trees_data_for_one_place_the_first_stay_and_a_note_says_so)
{
	start();
	CHECK(sh("mkdir -p e/usr/lib e/usr/share/misc") && make_file() &&
		cc("e/usr/lib/libmagic.so.2", "-shared -fPIC -Wl,-soname,libmagic.so.2",
			"int magic(void) { return 0; }"));
	CHECK(cc("p/bin/other", "e/usr/lib/libmagic.so.2 -Wl,-rpath,/usr/lib", SHOW("MAGIC")) &&
		sh("echo other >e/usr/share/misc/magic.mgc"));
	CHECK(pack_two() == 0);
	CHECK_TEXT(say("cat o/share/misc/magic.mgc; cmp $(o/bin/other) $(o/bin/file)"), "database");
	CHECK(has(report.warnings, "/usr/share/misc/magic.mgc of e is left out: "
				   "the output has another share/misc/magic.mgc"));
	finish();
}

TEST(what_lies_too_deep_or_is_no_file_is_left_out_with_a_note)
{
	start();
	CHECK(cc("p/bin/git", "", HELLO) && sh("mkdir -p d/lib/git-core/$(seq -s / 70); "
					       "mkfifo d/lib/git-core/fifo; "
					       "echo 1 >d/lib/git-core/$(seq -s / 64)/file"));
	CHECK(pack() == 0 && has(report.warnings, "it lies 64 directories deep") &&
		has(report.warnings, "git-core/fifo of d is left out: it is neither a file"));
	CHECK(sh("test -d o/lib/git-core/$(seq -s / 64) && test ! -e o/lib/git-core/fifo"));
	finish();
}

TEST(data_come_out_where_the_program_looks_for_them)
{
	start();
	CHECK(cc("p/bin/emacs-x", "", HELLO) && sh("mkdir -p d/libexec/emacs/28.2/x/ "
						   "d/lib/emacs/28.2/native-lisp/h"));
	CHECK(sh("echo dump >d/libexec/emacs/28.2/x/emacs.pdmp; "
		 "echo code >d/lib/emacs/28.2/native-lisp/h/x.eln"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("cat o/bin/emacs-x.pdmp o/native-lisp/h/x.eln"), "dump\ncode");
	finish();
}

TEST(one_rule_adds_to_what_another_gives_a_variable)
{
	start();
	CHECK(cc("d/lib/libperl.so.5", "-shared -fPIC -Wl,-soname,libperl.so.5",
		"int magic(void) { return 0; }"));
	CHECK(cc("p/bin/urxvt", "d/lib/libperl.so.5", SHOW("PERL5LIB")) &&
		sh("mkdir -p d/lib/urxvt d/share/perl5; echo 1 >d/lib/urxvt/a; echo 1 >d/share/perl5/a"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("o/bin/urxvt | sed \"s|$PWD/||g\""), "o/share/perl5:o/lib/urxvt");
	finish();
}

TEST(a_rule_opens_libraries_and_keeps_a_files_whole_name)
{
	start();
	CHECK(cc("d/lib/libbpf.so.1.1.2", "-shared -fPIC -Wl,-soname,libbpf.so.1",
		      "int magic(void) { return 0; }") &&
		sh("ln -s libbpf.so.1.1.2 d/lib/libbpf.so.1"));
	CHECK(cc("d/lib/libvted-3.so.0", "-shared -fPIC -Wl,-soname,libvted-3.so.0",
		"int vte(void) { return 0; }"));
	CHECK(cc("d/lib/libvte-2.91.so.0", "-shared -fPIC", "int other;"));
	CHECK(cc("p/bin/ip", "-Wl,--no-as-needed d/lib/libbpf.so.1 d/lib/libvted-3.so.0", HELLO));
	CHECK(pack() == 0);
	CHECK_TEXT(say("cd o/brun-resources.d/*/lib; readlink libbpf.so.1; ls | grep -E 'bpf|vte'"),
		"libbpf.so.1.1.2\nlibbpf.so.1\nlibbpf.so.1.1.2\nlibvte-2.91.so.0\nlibvted-3.so.0");
	CHECK_TEXT(say("o/bin/ip"), "hello");
	finish();
}

TEST(a_compiled_in_directory_of_modules_becomes_relative)
{
	start();
	CHECK(cc("p/bin/zsh", "-ldl",
		"#include <dlfcn.h>\n" MAIN
		"const char *dir = \"/brun/lib/x86_64-linux-gnu/zsh/5.9\"; "
		"int main(void) { char path[99]; sprintf(path, \"%s/m.so\", dir); "
		"void *m = dlopen(path, RTLD_NOW); puts(m ? dlsym(m, \"text\") : dlerror()); }"));
	CHECK(sh("mkdir -p d/lib/x86_64-linux-gnu/zsh/5.9") &&
		cc("d/lib/x86_64-linux-gnu/zsh/5.9/m.so", "-shared -fPIC",
			"char text[] = \"module\";"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("mv o \"a b\"; \"a b/bin/zsh\""), "module");
	CHECK(has(
		say("cat a*/brun-resources.d/*/pack.json"), "\"exe/zsh\": {\n   \"edited\": true"));
	CHECK(!strstr(report.warnings ? report.warnings : "", "is the host"));
	finish();
}

TEST(of_two_versions_data_the_program_gets_those_that_it_names)
{
	start();
	CHECK(sh("mkdir -p d/lib/php/20210902 d/lib/php/20220829; "
		 "echo old >d/lib/php/20210902/m; echo new >d/lib/php/20220829/m"));
	CHECK(cc("p/bin/php8.2", "",
		MAIN "const char *dir = \"/brun/lib/php/20220829\"; "
		     "int main(void) { puts(dir); return 0; }"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("o/bin/php8.2; cat o/lib/php/m"), "$ORIGIN/../lib/php\nnew");
	finish();
}

TEST(each_rule_says_when_and_what)
{
	for (const struct rule *rule = rules; rule->name; rule++) {
		bool has_trigger = rule->programs[0] || rule->libraries[0] || rule->proof;
		bool has_effect =
			rule->data[0] || rule->note || rule->opens[0] || rule->keeps_names;
		bool ends = !rule->programs[RULE_WORDS - 1] && !rule->libraries[3] &&
			    !rule->imports[3] && !rule->data[RULE_WORDS - 1] &&
			    !rule->except[RULE_WORDS - 1] && !rule->opens[RULE_WORDS - 1];
		if (!CHECK(has_trigger && has_effect && ends)) {
			printf("# rule %s\n", rule->name);
		}
		for (size_t i = 0; i < RULE_OPERATIONS && rule->operations[i].name; i++) {
			const char *value = rule->operations[i].value;
			CHECK(rule->data[0] && (strstr(value, "%s") || strstr(value, "${ROOT}/")));
		}
		for (const char *const *data = rule->data; *data; data++) {
			CHECK(strncmp(*data, "usr/", 4) != 0 && strncmp(*data, "/usr/", 5) != 0);
		}
	}
}
