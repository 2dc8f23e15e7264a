/* SPDX-License-Identifier: MIT */
/* What glibc loads by itself: locales and charset modules. */
#include "packing.h"

/* Tells the locale's charset, how many characters "ä" has, and whether a charset is known; what is
 * mapped goes to stderr. */
static const char teller[] =
	"#include <iconv.h>\n#include <langinfo.h>\n#include <locale.h>\n#include <stdlib.h>\n" MAIN
	"int main(int n, char **v) { char *name = setlocale(LC_ALL, \"\"); wchar_t wide; "
	"printf(\"%s %s %d\", name ? name : \"none\", nl_langinfo(CODESET), "
	"mbtowc(&wide, \"\\303\\244\", 2)); "
	"printf(\" %s\\n\", n < 2 || iconv_open(v[1], \"UTF-8\") != (iconv_t)-1 ? \"yes\" : \"no\"); "
	"FILE *maps = fopen(\"/proc/self/maps\", \"r\"); "
	"for (char line[4096]; fgets(line, 4096, maps);) { fputs(line, stderr); } }";

static bool
compile_teller(void)
{
	cleanup_free char *path = mem_printf("%s/x.c", scratch);

	return CHECK(replace_file(AT_FDCWD, path, 0644, teller, sizeof(teller) - 1, NULL) == 0) &&
	       CHECK(sh("cc -o p/bin/teller x.c"));
}

static const char mapped[] = "sed -n 's|.* /|/|p' maps | grep -v \"^$PWD/o/\" | sort -u";

static bool
has_c_utf8(void)
{
	return access("/usr/lib/locale/C.utf8/LC_CTYPE", F_OK) == 0;
}

TEST(every_languages_utf8_is_handled_with_what_the_bundle_has)
{
	start();
	if (!has_c_utf8()) {
		SKIP("this host has no C.utf8");
	}
	CHECK(compile_teller() && pack() == 0 && !report.warnings);
	CHECK_TEXT(say("for l in C.UTF-8 C.utf8 de_DE.UTF-8 en_US.utf8 sr_RS.UTF-8@latin; do "
		       "env -i LC_ALL=$l o/bin/teller 2>>maps; done"),
		"C.UTF-8 UTF-8 2 yes\nC.utf8 UTF-8 2 yes\nde_DE.UTF-8 UTF-8 2 yes\n"
		"en_US.utf8 UTF-8 2 yes\nsr_RS.UTF-8@latin UTF-8 2 yes");
	CHECK_TEXT(say(mapped), "");
	CHECK(has(say("cat maps"), "/locale/C.UTF-8/LC_CTYPE"));
	/* what is not UTF-8 is not made believe to be it */
	CHECK_TEXT(say("for l in C de_DE de_DE.ISO-8859-1 xx_YY.UTF-8; do "
		       "env -i LC_ALL=$l o/bin/teller 2>>maps; done"),
		"C ANSI_X3.4-1968 -1 yes\nnone ANSI_X3.4-1968 -1 yes\n"
		"none ANSI_X3.4-1968 -1 yes\nnone ANSI_X3.4-1968 -1 yes");
	CHECK_TEXT(say(mapped), "");
	finish();
}

TEST(the_charsets_that_glibc_calls_core_come_along)
{
	start();
	CHECK(compile_teller() && pack() == 0);
	CHECK_TEXT(say("for c in UTF-16 UTF-7 LATIN1 ISO-8859-15 CP1252 UCS-4 KOI8-R EUC-JP; do "
		       "env -i o/bin/teller $c 2>>maps | sed 's/.* //'; done"),
		"yes\nyes\nyes\nyes\nyes\nyes\nno\nno");
	CHECK_TEXT(say(mapped), "");
	CHECK_TEXT(say("grep -c KOI8 o/brun-resources.d/*/gconv/gconv-modules"), "0");
	finish();
}

TEST(libc_is_edited_in_place_and_names_no_data_of_the_host)
{
	start();
	CHECK(compile_teller() && pack() == 0);
	CHECK_TEXT(
		say("for f in $(ldd p/bin/teller | sed -n 's/.*libc.so.6 => \\([^ ]*\\).*/\\1/p') "
		    "o/brun-resources.d/*/lib/libc.so.6; do tr '\\0' '\\n' <$f | "
		    "grep -axE '/.*/(locale|gconv)(/.*)?|LOCPATH|GCONV_PATH|BR(L|UNC_)PATH' | "
		    "sed 's|//*|/|g' | grep -v -e '^/dev/null' -e MESSLC | sort -u; echo; done"),
		"/usr/lib/locale\n/usr/lib/locale/locale-archive\n"
		"/usr/lib/x86_64-linux-gnu/gconv\n"
		"/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache\n/usr/share/locale\n"
		"/usr/share/locale/%L/%N:/usr/share/locale/%L/LC_MESSAGES/%N:"
		"/usr/share/locale/%l/%N:/usr/share/locale/%l/LC_MESSAGES/%N:\n"
		"GCONV_PATH\nLOCPATH\n\nBRLPATH\nBRUNC_PATH\n");
	CHECK(sh("libc=$(ldd p/bin/teller | sed -n 's/.*libc.so.6 => \\([^ ]*\\).*/\\1/p'); "
		 "differ=$(cmp -l $libc o/brun-resources.d/*/lib/libc.so.6 | wc -l); "
		 "test $differ -gt 40 -a $differ -le 160"));
	finish();
}

TEST(a_locale_is_looked_for_in_the_bundle_alone)
{
	start();
	if (!has_c_utf8()) {
		SKIP("this host has no C.utf8");
	}
	CHECK(compile_teller() && pack() == 0);
	/* the default directory, after the empty string that setlocale takes for it */
	CHECK_TEXT(say("cat o/brun-resources.d/*/lib/libc.so.6 | tr '\\0' '\\n' | LC_ALL=C "
		       "grep -axA1 '' | LC_ALL=C grep -acx '/dev/null/[^ -~]*'"),
		"1");
	finish();
}

/* "PATH" is the end of "LOCPATH", which the linker keeps once. */
TEST(variables_of_others_are_read_as_ever)
{
	start();
	CHECK(cc("p/bin/run", "",
		"#include <unistd.h>\nint main(int n, char **v) { return execvp(v[n - 1], v + n - 1); }"));
	CHECK(pack() == 0 && cc("only-here", "", HELLO));
	CHECK_TEXT(say("PATH=$PWD o/bin/run only-here"), "hello");
	finish();
}

TEST(who_asks_for_neither_gets_neither)
{
	start();
	CHECK(cc("p/bin/hello", "", HELLO) && pack() == 0);
	CHECK_TEXT(say("ls o/brun-resources.d/*"), "exe\nlib\npack.json");
	CHECK_TEXT(say("strings o/bin/hello | grep -cE BR.*PATH"), "0");
	finish();
}

TEST(what_the_user_names_comes_first)
{
	start();
	if (!has_c_utf8()) {
		SKIP("this host has no C.utf8");
	}
	CHECK(compile_teller() && pack() == 0);
	CHECK(sh("mkdir mine modules && cp -r /usr/lib/locale/C.utf8 mine/xx_YY.utf8 && "
		 "printf 'alias MINE// ISO-10646/UTF8/\\n' >modules/gconv-modules"));
	CHECK_TEXT(say("env -i LC_ALL=xx_YY.UTF-8 LOCPATH=$PWD/mine GCONV_PATH=$PWD/modules "
		       "o/bin/teller MINE 2>maps; env -i LC_ALL=de_DE.UTF-8 LOCPATH=$PWD/mine "
		       "GCONV_PATH=$PWD/modules o/bin/teller LATIN1 2>/dev/null"),
		"xx_YY.UTF-8 UTF-8 2 yes\nde_DE.UTF-8 UTF-8 2 yes");
	CHECK(has(say("cat maps"), "/mine/xx_YY.utf8/LC_CTYPE"));
	finish();
}

TEST(what_the_output_ships_is_found)
{
	start();
	if (!has_c_utf8()) {
		SKIP("this host has no C.utf8");
	}
	CHECK(compile_teller() &&
		sh("mkdir -p p/lib/gconv p/lib/locale && cp -r /usr/lib/locale/C.utf8 "
		   "p/lib/locale/xx_YY.utf8 && "
		   "printf 'alias OURS// ISO-10646/UTF8/\\n' >p/lib/gconv/gconv-modules"));
	CHECK(pack() == 0 && !report.warnings);
	CHECK_TEXT(say("env -i LC_ALL=xx_YY.UTF-8 o/bin/teller OURS 2>maps"),
		"xx_YY.UTF-8 UTF-8 2 yes");
	CHECK_TEXT(say(mapped), "");
	CHECK(has(say("cat maps"), "/o/lib/locale/xx_YY.utf8/LC_CTYPE"));
	finish();
}

TEST(a_module_that_converts_gives_charsets_to_those_who_may_open_it)
{
	start();
	CHECK(cc("p/lib/m.so", "-shared -fPIC -nostartfiles",
		"#include <iconv.h>\nint f(void) { return iconv_open(\"UTF-16\", \"UTF-8\") "
		"== (iconv_t)-1; }"));
	CHECK(cc("p/bin/opener", "",
		"#include <dlfcn.h>\nint main(int n, char **v) { void *m = dlopen(v[n - 1], RTLD_NOW); "
		"return ((int (*)(void))dlsym(m, \"f\"))(); }"));
	CHECK(cc("p/bin/hello", "", HELLO) && pack() == 0 && !report.warnings);
	CHECK(sh("o/bin/opener $PWD/o/lib/m.so"));
	CHECK_TEXT(say("grep -lc BRUNC_PATH o/bin/*"), "o/bin/opener");
	finish();
}
