/* SPDX-License-Identifier: MIT */
/* Scripts and text files. */
#include "packing.h"

/* p/bin/NAME with this text, executable. */
static bool
script(const char *name, const char *text)
{
	return sh("printf '%%s\\n' '%s' >p/bin/%s && chmod 755 p/bin/%s", text, name, name);
}

TEST(a_script_runs_with_the_packed_interpreter_beside_its_visible_file)
{
	start();
	CHECK(script("s", "#!/bin/sh\necho \"$(dirname \"$0\") $*\"; echo $0 >&2"));
	CHECK(pack() == 0 && report.scripts == 1 && !report.warnings);
	CHECK_TEXT(say("o/bin/s 1 \"2 3\" 2>/dev/null | sed \"s|$PWD/||\""), "o/.bin.s 1 2 3");
	CHECK(sh("test -x o/.bin.s/s && cmp p/bin/s o/.bin.s/s"));
	CHECK(sh("test -e o/brun-resources.d/*/exe/sh"));
	finish();
}

TEST(a_script_finds_its_name_and_what_lies_beside_and_above_it)
{
	start();
	CHECK(sh("mkdir -p p/share p/libexec/x/sub; echo data >p/share/data; "
		 "echo part >p/libexec/x/sub/part; cp p/share/data p/bin/text"));
	CHECK(script("beside", "#!/bin/sh\necho beside \"$@\"") && sh("ln -s beside p/bin/alias"));
	CHECK(script("s", "#!/bin/sh\ndir=$(dirname \"$0\")\necho \"$(basename \"$0\")\" "
			  "$(cat $dir/../share/data $dir/text)\n\"$dir/beside\" 1\n$dir/alias 2\n"
			  "cd \"$dir\" && cat ../libexec/x/sub/part; \"../libexec/x/y\""));
	CHECK(sh("mv p/bin/s p/bin/odd-name; printf '#!/bin/sh\n. $(dirname \"$0\")/sub/source\n' "
		 ">p/libexec/x/y; echo 'echo sourced $(basename $0)' >p/libexec/x/sub/source; "
		 "chmod 755 p/libexec/x/y"));
	CHECK(pack() == 0 && report.scripts == 3 && !report.warnings);
	CHECK_TEXT(say("o/bin/odd-name | sed \"s|$PWD/||\""),
		"odd-name data data\nbeside 1\nbeside 2\npart\nsourced y");
	CHECK_TEXT(say("cd o/.bin.odd-name; ls; readlink alias text; readlink ../libexec/.x.y/sub"),
		"alias\nbeside\nodd-name\ntext\n../bin/alias\n../bin/text\n../x/sub");
	CHECK(sh("cp -a o moved && moved/bin/odd-name"));
	CHECK(pack_into((struct pack_spec){0}, "o", "o2") == 0 &&
		sh("diff -r --no-dereference o o2"));
	finish();
}

TEST(among_many_a_scripts_text_lies_beside_its_launcher)
{
	start();
	CHECK(sh(
		"seq -f p/bin/data%%g 70 | xargs touch; printf '#!/bin/sh\ndirname $0\n' >p/bin/s; "
		"touch p/bin/.s; chmod 755 p/bin/s"));
	CHECK(pack() == 0 && report.scripts == 1);
	CHECK(sh(
		"test $(o/bin/s) = $PWD/o/bin && cmp p/bin/s o/bin/.s.script && ! test -x o/bin/.s.script && ! test -s o/bin/.s"));
	finish();
}

TEST(a_shebangs_one_argument_reaches_the_interpreter)
{
	start();
	CHECK(script("s", "#!/bin/sh -u\necho ${missing}"));
	CHECK(script("t", "#! /usr/bin/env -S sh -u\necho ${missing}"));
	CHECK(pack() == 0 && report.scripts == 2);
	CHECK(has(say("o/bin/s"), "missing") && has(say("o/bin/t"), "missing"));
	finish();
}

/* p/bin/show prints its arguments, and X. */
static bool
make_shower(void)
{
	return cc("p/bin/show", "",
		"#include <stdlib.h>\n" MAIN
		"int main(int n, char **a) { for (int i = 0; i < n; i++) "
		"printf(\"%s|\", a[i]); char *x = getenv(\"X\"); puts(x ? x : \"unset\"); return 0; }");
}

TEST(every_word_that_env_splits_reaches_the_interpreter)
{
	static const struct {
		const char *line, *seen;
	} cases[] = {
		{"#!/usr/bin/env -S show -a  b\tc", "-a|b|c|"},
		{"#!/usr/bin/env -Sshow -a # not this", "-a|"},
		{"#!/usr/bin/env --split-string=show \"two words\" \"it\\\"s\"",
			"two words|it\"s|"},
		{"#!/usr/bin/env -S show one\\\\two \"a\\_b\"", "one\\two|a b|"},
		{"#!/usr/bin/show -a b\tc", "-a b\tc|"},
	};
	start();
	CHECK(make_shower());
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cleanup_free char *to = mem_printf("o%zu", i),
				  *path = mem_printf("%s/p/bin/s", scratch);
		cleanup_free char *run = mem_printf("%s/bin/s x | sed \"s|$PWD/%s/||g\"", to, to);
		cleanup_free char *seen = mem_printf("bin/show|%s.bin.s/s|x|unset", cases[i].seen);
		CHECK(replace_file(AT_FDCWD, path, 0755, cases[i].line, strlen(cases[i].line),
			      NULL) == 0);
		CHECK(pack_into((struct pack_spec){0}, "p", to) == 0 && report.scripts == 1);
		CHECK_TEXT(say(run), seen);
	}
	finish();
}

TEST(what_env_sets_is_set)
{
	start();
	CHECK(make_shower() && script("s", "#!/usr/bin/env -S X=1=2 show"));
	CHECK(script("t", "#!/usr/bin/env -S -u X show") &&
		script("u", "#!/usr/bin/env -S -uX show"));
	CHECK(pack() == 0 && report.scripts == 3);
	CHECK_TEXT(say("for s in s t u; do X=old o/bin/$s | sed \"s/.*|//\"; done"),
		"1=2\nunset\nunset");
	finish();
}

TEST(an_interpreter_may_be_a_script)
{
	start();
	CHECK(make_shower() && script("outer", "#!/usr/bin/env -S show -o 2") &&
		script("middle", "#!/brun/bin/outer -m") && script("s", "#!/usr/bin/env middle"));
	CHECK(pack() == 0 && report.scripts == 3);
	CHECK_TEXT(say("o/bin/s x | sed \"s|$PWD/||g\""),
		"o/bin/show|-o|2|o/.bin.outer/outer|-m|o/.bin.middle/middle|o/.bin.s/s|x|unset");
	CHECK(script("outer", "#!/brun/bin/s") && pack_into((struct pack_spec){0}, "p", "o2") == 0);
	CHECK(has(report.warnings, "is a script that cannot be packed"));
	finish();
}

/* An interpreter that says what it is and executes itself once more. */
static bool
make_again(const char *path)
{
	return cc(path, "-D_GNU_SOURCE",
		"#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n"
		"#include <sys/prctl.h>\n"
		"int main(int n, char **v) { char exe[4096] = {0}, comm[16], *x = getenv(\"X\");"
		" if (readlink(\"/proc/self/exe\", exe, 4095) < 0 || prctl(PR_GET_NAME, comm)) return 1;"
		" printf(\"%s %s %s\", comm, exe, x ? x : \"-\");"
		" for (int i = 0; i < n; i++) printf(\" %s\", v[i]);"
		" puts(\"\"), fflush(stdout);"
		" if (n > 1 && !strcmp(v[1], \"-\")) return 0;"
		" return execl(exe, v[0], \"-\", NULL); }");
}

TEST(what_a_shell_calls_itself_can_be_started)
{
	start();
	CHECK(script("s",
		"#!/usr/bin/env bash\n[ $# -gt 0 ] || exec env -i \"$BASH\" \"$0\" again\n"
		"echo $1 $(cat /proc/$$/comm) ${BASH##*/}"));
	CHECK(script("m", "#!/bin/sh\necho $0"));
	CHECK(pack() == 0 && report.scripts == 2);
	CHECK_TEXT(say("o/bin/s"), "again bash bash");
	CHECK(sh("test \"$(o/bin/s 1)\" = \"1 s bash\" && ! test -e o/.bin.m/m.brun"));
	CHECK(sh("! readelf -lW $(realpath o/.bin.s/s.brun/s) | grep INTERP"));
	finish();
}

TEST(an_interpreter_that_executes_itself_gets_itself)
{
	static const char see[] = "X=1 o/bin/s a | sed \"s|$PWD/||g\"";

	start();
	CHECK(make_again("p/bin/again") && script("s", "#!/usr/bin/env -S X=2 again -o"));
	CHECK(pack() == 0 && report.scripts == 1);
	CHECK_TEXT(say(see), "s o/bin/again 2 o/bin/again -o o/.bin.s/s a\n"
			     "again o/bin/again 2 o/bin/again -");
	CHECK(sh("rm -r o && mkdir -p d/bin && mv p/bin/again d/bin && mkdir o"));
	CHECK(pack() == 0 && report.scripts == 1);
	CHECK_TEXT(say(see),
		"s o/.bin.s/s.brun/exe/again 2 o/.bin.s/s.brun/exe/again -o o/.bin.s/s a\n"
		"again o/.bin.s/s.brun/exe/again 2 o/.bin.s/s.brun/exe/again -");
	CHECK_TEXT(say("mv o elsewhere && cd / && X=1 $OLDPWD/elsewhere/bin/s | tail -n 1 | "
		       "sed \"s|$OLDPWD/||g\""),
		"again elsewhere/.bin.s/s.brun/exe/again 2 elsewhere/.bin.s/s.brun/exe/again -");
	finish();
}

/* PREPEND by both launchers would do it twice. */
TEST(what_the_recipe_sets_is_set_once_for_a_script)
{
	static const struct runtime_env env = {ENV_PREPEND, "X", "new", ":"};

	start();
	CHECK(make_again("p/bin/again") && script("s", "#!/usr/bin/env again"));
	CHECK(pack_into((struct pack_spec){.env = &env, .env_count = 1}, "p", "o") == 0);
	CHECK_TEXT(say("X=old o/bin/s | head -n 1 | cut -d' ' -f3"), "new:old");
	finish();
}

TEST(a_line_that_ends_in_a_carriage_return_is_read_without_it)
{
	start();
	CHECK(make_shower() && script("s", "#!/usr/bin/show -a\r") &&
		script("t", "#!/usr/bin/env show\r"));
	CHECK(pack() == 0 && report.scripts == 2);
	CHECK_TEXT(say("for s in s t; do o/bin/$s | sed \"s|$PWD/||g\"; done"),
		"o/bin/show|-a|o/.bin.s/s|unset\no/bin/show|o/.bin.t/t|unset");
	finish();
}

TEST(env_finds_the_interpreter_in_the_output_first)
{
	start();
	CHECK(cc("p/bin/sed", "",
		MAIN "int main(int n, char **a) { for (int i = 0; i < n; i++) "
		     "puts(a[i]); return 0; }"));
	CHECK(script("s", "#!/usr/bin/env sed"));
	CHECK(pack() == 0 && report.scripts == 1);
	CHECK_TEXT(say("o/bin/s x | sed \"s|$PWD/||\""), "o/bin/sed\no/.bin.s/s\nx");
	finish();
}

TEST(an_interpreter_that_ships_is_taken_before_one_of_the_base)
{
	start();
	CHECK(cc("p/bin/sed", "", MAIN "int main(void) { puts(\"own\"); return 0; }"));
	CHECK(script("s", "#!/usr/bin/sed -f"));
	CHECK(pack() == 0 && report.scripts == 1);
	CHECK_TEXT(say("o/bin/s"), "own");
	finish();
}

TEST(a_foreign_program_is_left_and_reported)
{
	start();
	CHECK(cc("p/bin/old", "", HELLO) && sh("printf '\\001' | dd of=p/bin/old bs=1 seek=4 "
					       "conv=notrunc 2>/dev/null"));
	CHECK(pack() == 0 && sh("cmp p/bin/old o/bin/old"));
	CHECK(has(report.warnings, "bin/old is left as it is: not "));
	finish();
}

TEST(a_script_that_cannot_be_wrapped_stays_and_is_reported)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{"#!/no/where", "nothing provides the interpreter"},
		{"#!/usr/bin/env no-such-program", "nothing provides the interpreter"},
		{"#!/usr/bin/env sh -u", "several words without -S"},
		{"#!/usr/bin/env -S sh \"-u", "a quote without an end"},
		{"#!/usr/bin/env -S sh \"\"", "an empty word"},
		{"#!/usr/bin/env -S sh ${X}", "expand more than the launcher knows of"},
		{"#!/usr/bin/env -S sh \\\\$X", "expand more than the launcher knows of"},
		{"#!/usr/bin/env -S sh \\rX", "expand more than the launcher knows of"},
		{"#!/usr/bin/env -S -i sh", "an option of env"},
		{"#!/usr/bin/env -S X=1", "names env, but no program"},
		{"#!/usr/bin/env -i sh", "without -S"},
		{"#!/usr/bin/env X=1", "names env, but no program"},
		{"#!/usr/bin/env", "names env, but no program"},
		{"#!relative", "no absolute path"},
	};
	start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cleanup_free char *to = mem_printf("o%zu", i);
		CHECK(script("s", cases[i].line));
		CHECK(pack_into((struct pack_spec){0}, "p", to) == 0 && report.scripts == 0);
		CHECK(has(report.warnings, cases[i].why) && has(report.warnings, "bin/s"));
		CHECK(sh("cmp p/bin/s %s/bin/s", to));
	}
	finish();
}

TEST(a_first_line_too_long_to_be_read_whole_is_none)
{
	start();
	CHECK(sh(
		"printf '#!/bin/sh\\n' >p/bin/s; { printf '#!/bin/sh%%5000s\\n' ''; } >p/bin/long; "
		"chmod 755 p/bin/s p/bin/long"));
	CHECK(pack() == 0 && report.scripts == 1);
	CHECK(has(report.warnings, "bin/long is left as it is"));
	finish();
}

TEST(scripts_outside_of_the_program_folders_stay_what_they_are)
{
	start();
	CHECK(script("s", "#!/bin/sh") &&
		sh("mkdir -p p/share/templates p/lib/python; cp p/bin/s "
		   "p/share/templates/hook; mv p/bin/s p/lib/python/m.py"));
	CHECK(pack() == 0 && report.scripts == 0);
	CHECK(sh("diff -r p o && test -x o/share/templates/hook"));
	finish();
}

TEST(a_packed_interpreter_of_a_runtime_tree_runs_a_script)
{
	start();
	CHECK(cc("p/bin/run-it", "",
		MAIN "int main(int n, char **a) { puts(a[n - 1]); return 0; }"));
	CHECK(pack() == 0 && sh("cp -a o/. r/ && rm -r p/bin o && mkdir p/bin"));
	CHECK(script("s", "#!/brun/bin/run-it"));
	CHECK(pack() == 0 && report.scripts == 1);
	CHECK_TEXT(report.warnings ? report.warnings : "", "");
	CHECK_TEXT(say("o/bin/s last"), "last");
	CHECK_TEXT(say("o/bin/run-it last"), "last");
	finish();
}

TEST(text_that_can_say_it_becomes_relative)
{
	start();
	CHECK(sh("mkdir -p p/lib/pkgconfig p/lib/cmake/x"));
	CHECK(sh("printf 'prefix=/brun\\nlibdir=/brun/lib\\nLibs: -L/brun/lib -lx\\n' "
		 ">p/lib/pkgconfig/x.pc"));
	CHECK(sh("printf 'set(X \"/brun/include\")\\n' >p/lib/cmake/x/x.cmake"));
	CHECK(script(
		"x-config", "#!/bin/sh\nprefix=/brun\nlibdir=\"${prefix}/lib\"\necho $libdir"));
	CHECK(pack() == 0 && !report.warnings);
	CHECK_TEXT(say("cat o/lib/pkgconfig/x.pc"),
		"prefix=${pcfiledir}/../..\nlibdir=${pcfiledir}/../../lib\n"
		"Libs: -L${pcfiledir}/../../lib -lx");
	CHECK_TEXT(say("cat o/lib/cmake/x/x.cmake"),
		"set(X \"${CMAKE_CURRENT_LIST_DIR}/../../../include\")");
	CHECK_TEXT(say("o/bin/x-config | sed \"s|$PWD/||\""), "o/lib");
	finish();
}

TEST(what_still_names_the_prefix_is_reported)
{
	start();
	CHECK(sh("printf \"libdir='/brun/lib'\\n\" >p/lib/x.la; echo /brunette >p/lib/other"));
	CHECK(cc("p/bin/hard", "-Wl,-rpath,/brun/lib",
		MAIN "int main(void) { puts(\"/brun/share/hard/data\"); return 0; }"));
	CHECK(pack() == 0);
	CHECK_TEXT(report.warnings, "bin/hard still names /brun/share/hard/data\n"
				    "lib/x.la still names /brun/lib\n");
	finish();
}

TEST(links_into_the_prefix_become_relative)
{
	start();
	CHECK(sh("mkdir -p p/share/x; ln -s /brun/lib/y p/share/x/l; ln -s /brun/share p/top; "
		 "ln -s /etc/passwd p/host"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("readlink o/share/x/l o/top o/host"), "../../lib/y\nshare\n/etc/passwd");
	finish();
}

TEST(special_files_are_refused)
{
	start();
	CHECK(sh("mkfifo p/pipe"));
	CHECK(pack_into((struct pack_spec){0}, "p", "o") == -1);
	CHECK(err.status == STATUS_UNPACKABLE && has(err.text, "'pipe'"));
	finish();
}
