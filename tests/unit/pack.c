/* SPDX-License-Identifier: MIT */
#include "packing.h"

#include "launcher/image.h"

TEST(a_program_runs_from_the_output)
{
	start();
	CHECK(cc("p/bin/hello", "", HELLO) && pack() == 0);
	CHECK_TEXT(say("o/bin/hello"), "hello");
	CHECK(report.programs == 1 && report.libraries == 2 && !report.warnings);
	CHECK(sh("cmp p/bin/hello o/brun-resources.d/*/exe/hello"));
	CHECK(sh("mkdir away && mv o 'away/a b:c' && 'away/a b:c/bin/hello'"));
	finish();
}

TEST(the_bundled_linker_reads_no_cache_preload_or_default_directory_of_the_host)
{
	start();
	CHECK(cc("p/bin/hello", "", HELLO) && pack() == 0);
	CHECK_TEXT(say("grep -czxa -e /etc/ld.so.cache -e /etc/ld.so.preload "
		       "-e '/\\(usr/\\)\\?lib\\(64\\|/[^/]*-linux-gnu\\)\\?/' "
		       "o/brun-resources.d/*/lib/ld-linux-*"),
		"0");
	CHECK(sh("cmp -s /lib64/ld-linux-x86-64.so.2 o/brun-resources.d/*/lib/ld-linux-*; "
		 "test $(stat -Lc %%s /lib64/ld-linux-*) = $(stat -c %%s "
		 "o/brun-resources.d/*/lib/ld-linux-*)"));
	finish();
}

TEST(a_missing_library_is_named_with_the_program_and_the_places)
{
	start();
	CHECK(cc("d/lib/libgone.so.1", "-shared -fPIC -Wl,-soname,libgone.so.1",
		"int gone(void) { return 1; }"));
	CHECK(cc("p/bin/user", "d/lib/libgone.so.1",
		"int gone(void); int main(void) { return gone(); }"));
	CHECK(sh("rm d/lib/libgone.so.1"));
	CHECK(pack_into((struct pack_spec){0}, "p", "o") == -1);
	CHECK(err.status == STATUS_UNPACKABLE);
	CHECK(has(err.text, "bin/user") && has(err.text, "libgone.so.1") &&
		has(err.text, "/brun/lib (d)") && has(err.text, "(base)"));
	CHECK_TEXT(say("ls o"), "");
	finish();
}

TEST(a_library_that_lacks_a_version_is_an_error_that_names_it)
{
	start();
	CHECK(sh("echo 'V_2 { global: f; };' >new.map; echo 'V_1 { global: f; };' >old.map"));
	CHECK(cc("d/lib/libv.so.1", "-shared -fPIC -Wl,-soname,libv.so.1,--version-script,new.map",
		"int f(void) { return 0; }"));
	CHECK(cc("p/bin/user", "d/lib/libv.so.1", "int f(void); int main(void) { return f(); }"));
	CHECK(pack() == 0);
	CHECK(cc("d/lib/libv.so.1", "-shared -fPIC -Wl,-soname,libv.so.1,--version-script,old.map",
		"int f(void) { return 0; }"));
	CHECK(pack_into((struct pack_spec){0}, "p", "o2") == -1);
	CHECK(err.status == STATUS_UNPACKABLE && has(err.text, "'V_2'") &&
		has(err.text, "bin/user") && has(err.text, "libv.so.1"));
	finish();
}

TEST(a_missing_interpreter_is_named)
{
	start();
	CHECK(cc("p/bin/user", "-Wl,--dynamic-linker=/lib/ld-none.so.9", HELLO));
	CHECK(pack_into((struct pack_spec){0}, "p", "o") == -1);
	CHECK(err.status == STATUS_UNPACKABLE && has(err.text, "/lib/ld-none.so.9"));
	finish();
}

TEST(libraries_come_in_the_loaders_order)
{
	start();
	/* a needs b and c, both need d; a loader that went depth first would have d before c */
	CHECK(cc(
		"d/lib/libd.so", "-shared -fPIC -Wl,-soname,libd.so", "int d(void) { return 1; }"));
	CHECK(cc("d/lib/libb.so", "-shared -fPIC -Wl,-soname,libb.so d/lib/libd.so",
		"int d(void); int b(void) { return d(); }"));
	CHECK(cc("d/lib/libc1.so", "-shared -fPIC -Wl,-soname,libc1.so d/lib/libd.so",
		"int d(void); int c(void) { return d(); }"));
	CHECK(cc("p/bin/a", "-Ld/lib d/lib/libb.so d/lib/libc1.so -Wl,-rpath-link,d/lib",
		"int b(void), c(void); int main(void) { return b() + c() - 2; }"));
	CHECK(pack() == 0);
	struct buf text = {0};
	cleanup_free char *path = mem_printf("%s/o/bin/a", scratch);
	CHECK(pack_inspect(path, false, &text, &err) == 0);
	CHECK(has(buf_text(&text),
		"needed:\n  - libb.so\n  - libc1.so\n  - libc.so.6\n  - libd.so\n"
		"  - ld-linux-x86-64.so.2\n"));
	CHECK(sh("o/bin/a"));
	/* another library names libd.so, but only the program libb.so */
	CHECK(sh("tr '\\0' '\\n' <o/bin/a >words && grep -qx +libd.so words && "
		 "grep -qx libb.so words"));
	buf_done(&text);
	finish();
}

/* Library N needs 2N and 2N+1: a list of all is the breadth-first order. */
TEST(so_many_libraries_that_they_are_searched_come_in_the_same_order)
{
	start();
	CHECK(sh("for n in $(seq 30 -1 1); do"
		 "  echo \"int f$n(void) { return $n; }\" >l.c; more=;"
		 "  for k in $((2 * n)) $((2 * n + 1)); do"
		 "    [ $k -le 30 ] && more=\"$more d/lib/libf$k.so.1\"; done;"
		 "  gcc -shared -fPIC -o d/lib/libf$n.so.1 -Wl,-soname,libf$n.so.1,--no-as-needed"
		 "    -Wl,-rpath-link,d/lib l.c $more || exit 1;"
		 "done"));
	CHECK(cc("p/bin/many",
		"-D_GNU_SOURCE -Wl,--no-as-needed,-rpath-link,d/lib d/lib/libf1.so.1",
		"#include <link.h>\n#include <stdio.h>\n#include <string.h>\n"
		"int show(struct dl_phdr_info *i, size_t s, void *p) {"
		" const char *slash = strrchr(i->dlpi_name, 47);"
		" puts(slash ? slash + 1 : i->dlpi_name); return 0; }"
		"int main(void) { return dl_iterate_phdr(show, 0); }"));
	CHECK(pack() == 0);
	CHECK(sh("LD_LIBRARY_PATH=d/lib p/bin/many >native && test $(wc -l <native) = 34"));
	CHECK(sh("o/bin/many | diff native -"));
	struct buf launcher = {0};
	struct config config;
	const char *why = "not read";
	cleanup_free char *path = mem_printf("%s/o/bin/many", scratch);
	CHECK(fs_read_at(AT_FDCWD, path, 1 << 20, &launcher, &err) == 0);
	CHECK(image_read(launcher.data, launcher.length, &config, &why) && !why);
	CHECK(config.head->flags == (CONFIG_GLIBC | CONFIG_SEARCHED));
	CHECK(config.head->written >= 4096);
	buf_done(&launcher);
	finish();
}

TEST(origin_in_a_runpath_leads_to_the_outputs_own_library)
{
	start();
	CHECK(sh("mkdir p/lib/own"));
	CHECK(cc("p/lib/own/libown.so.1.0", "-shared -fPIC -Wl,-soname,libown.so.1",
		"int own(void) { return 0; }"));
	CHECK(sh("ln -s libown.so.1.0 p/lib/own/libown.so.1"));
	CHECK(cc("p/bin/user", "p/lib/own/libown.so.1 -Wl,-rpath,\\$ORIGIN/../lib/own:/brun/lib",
		"int own(void); int main(void) { return own(); }"));
	CHECK(pack() == 0 && sh("o/bin/user"));
	CHECK_TEXT(say("readlink o/brun-resources.d/*/lib/libown.so.1"),
		"../../../lib/own/libown.so.1");
	struct buf text = {0};
	cleanup_free char *path = mem_printf("%s/o/bin/user", scratch);
	CHECK(pack_inspect(path, false, &text, &err) == 0);
	CHECK(has(buf_text(&text), "- lib/own/libown.so.1\n"));
	CHECK(has(buf_text(&text), "runpath: $ORIGIN/../lib/own:$ORIGIN/../lib\n"));
	buf_done(&text);
	finish();
}

TEST(a_static_program_is_left_alone_unless_there_is_something_to_set)
{
	start();
	CHECK(cc("p/bin/still", "-static",
		MAIN "#include <stdlib.h>\nint main(void) { char *x = "
		     "getenv(\"X\"); puts(x ? x : \"unset\"); return 0; }"));
	CHECK(pack() == 0 && sh("cmp p/bin/still o/bin/still && test ! -e o/brun-resources.d"));
	CHECK(report.static_programs == 1 &&
		has(report.warnings, "bin/still is static with glibc in it"));
	struct runtime_env env = {ENV_SET, "X", "${ROOT}/x", NULL};
	CHECK(pack_into((struct pack_spec){.env = &env, .env_count = 1}, "p", "o2") == 0);
	CHECK(sh("test \"$(o2/bin/still)\" = \"$PWD/o2/x\""));
	finish();
}

TEST(links_between_programs_stay_links)
{
	start();
	CHECK(cc(
		"p/bin/multi", "", MAIN "int main(int n, char **a) { puts(a[n - n]); return 0; }"));
	CHECK(sh("ln -s multi p/bin/one && ln -s /brun/bin/multi p/bin/two && ln p/bin/multi "
		 "p/bin/three"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("readlink o/bin/one"), "multi");
	CHECK_TEXT(say("readlink o/bin/two"), "multi");
	CHECK(sh("test o/bin/multi -ef o/bin/three"));
	CHECK_TEXT(say("ls o/brun-resources.d/*/exe | wc -l"), "1");
	CHECK_TEXT(say("o/bin/two"), "o/bin/two");
	finish();
}

TEST(same_input_same_bytes)
{
	const char *digest =
		"find . -printf '%P %y %m %l\\n' | sort >../list; find . -type f | sort "
		"| xargs sha256sum >>../list; sha256sum <../list";
	start();
	CHECK(cc("p/bin/hello", "", HELLO) && sh("echo '#!/bin/sh' >p/bin/s; chmod +x p/bin/s"));
	CHECK(pack() == 0 && pack_into((struct pack_spec){0}, "p", "o2") == 0);
	cleanup_free char *one = mem_printf("cd o; %s", digest),
			  *two = mem_printf("cd o2; %s", digest);
	cleanup_free char *first = mem_strdup(say(one));
	CHECK_TEXT(say(two), first);
	finish();
}

TEST(packing_a_packed_tree_changes_nothing)
{
	start();
	CHECK(cc("p/lib/libown.so.1", "-shared -fPIC -Wl,-soname,libown.so.1,-rpath,/brun/lib",
		"int own(void) { return 0; }"));
	CHECK(cc("p/bin/user", "p/lib/libown.so.1 -Wl,-rpath,/brun/lib",
		"int own(void); int main(void) { return own(); }"));
	CHECK(sh("printf '#!/bin/sh\\necho \"$0\"\\n' >p/bin/script; chmod +x p/bin/script; "
		 "printf 'prefix=/brun\\n' >p/lib/x.pc"));
	CHECK(pack() == 0 && pack_into((struct pack_spec){0}, "o", "o2") == 0);
	CHECK(sh("diff -r --no-dereference o o2"));
	CHECK(sh(
		"(cd o; find . -printf '%%P %%y %%m %%l\\n' | sort) >1; (cd o2; find . -printf '%%P "
		"%%y %%m %%l\\n' | sort) >2; diff 1 2"));
	finish();
}

TEST(a_set_id_program_is_refused)
{
	start();
	CHECK(cc("p/bin/root", "", HELLO) && sh("chmod u+s p/bin/root"));
	CHECK(pack_into((struct pack_spec){0}, "p", "o") == -1);
	CHECK(err.status == STATUS_UNPACKABLE && has(err.text, "bin/root") &&
		has(err.text, "set-user-id"));
	finish();
}

TEST(a_runtime_tree_lies_in_the_output_and_a_conflict_is_an_error)
{
	start();
	CHECK(cc("p/bin/hello", "", HELLO) && sh("mkdir -p r/etc p/etc; echo 1 >r/etc/a"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("cat o/etc/a"), "1");
	CHECK(sh("echo 1 >p/etc/a") && pack_into((struct pack_spec){0}, "p", "o2") == 0);
	CHECK(sh("echo 2 >p/etc/a") && pack_into((struct pack_spec){0}, "p", "o3") == -1);
	CHECK(err.status == STATUS_UNPACKABLE && has(err.text, "etc/a"));
	finish();
}

TEST(two_meanings_of_one_soname_get_a_bundle_each)
{
	start();
	CHECK(sh("mkdir p/lib/1 p/lib/2"));
	for (int i = 1; i <= 2; i++) {
		cleanup_free char *library = mem_printf("p/lib/%d/libx.so", i);
		cleanup_free char *program = mem_printf("p/bin/p%d", i);
		cleanup_free char *text = mem_printf("int x(void) { return %d; }", i);
		cleanup_free char *flags =
			mem_printf("%s -Wl,-rpath,\\$ORIGIN/../lib/%d", library, i);
		CHECK(cc(library, "-shared -fPIC -Wl,-soname,libx.so", text));
		CHECK(cc(program, flags, "int x(void); int main(void) { return x(); }"));
	}
	CHECK(pack() == 0);
	CHECK_TEXT(say("ls o/brun-resources.d | wc -l"), "2");
	CHECK_TEXT(say("o/bin/p1; echo $?; o/bin/p2; echo $?"), "1\n2");
	finish();
}

TEST(outputs_laid_over_each_other_both_work)
{
	start();
	for (int i = 1; i <= 2; i++) {
		cleanup_free char *program = mem_printf("p/bin/p%d", i);
		cleanup_free char *text = mem_printf("int x(void) { return %d; }", i);
		cleanup_free char *to = mem_printf("o%d", i);
		CHECK(sh("rm -rf p/bin/* d/lib/*"));
		CHECK(cc("d/lib/libx.so", "-shared -fPIC -Wl,-soname,libx.so", text));
		CHECK(cc(program, "d/lib/libx.so", "int x(void); int main(void) { return x(); }"));
		CHECK(pack_into((struct pack_spec){0}, "p", to) == 0);
	}
	CHECK(sh("mkdir both && cp -a o1/. both/ && cp -a o2/. both/"));
	CHECK_TEXT(say("ls both/brun-resources.d | wc -l"), "2");
	CHECK_TEXT(say("both/bin/p1; echo $?; both/bin/p2; echo $?"), "1\n2");
	finish();
}

TEST(no_link_leads_out_of_a_source)
{
	start();
	CHECK(cc("outside.so", "-shared -fPIC -Wl,-soname,libz9.so", "int z(void) { return 0; }"));
	CHECK(cc("p/bin/user", "outside.so", "int z(void); int main(void) { return z(); }"));
	CHECK(sh("ln -s ../../outside.so d/lib/libz9.so; ln -s $PWD/outside.so p/lib/libz9.so"));
	CHECK(pack_into((struct pack_spec){0}, "p", "o") == -1);
	CHECK(err.status == STATUS_UNPACKABLE && has(err.text, "libz9.so"));
	CHECK(sh("rm p/lib/libz9.so; mkdir d/real; cp outside.so d/real/; "
		 "ln -sf /brun/real/outside.so d/lib/libz9.so"));
	CHECK(pack_into((struct pack_spec){0}, "p", "o2") == 0);
	finish();
}

TEST(data_behind_the_last_segment_stays_in_the_programs_own_file)
{
	start();
	CHECK(cc("p/bin/sfx", "",
		MAIN "int main(void) { char t[8] = \"\"; FILE *f = "
		     "fopen(\"/proc/self/exe\", \"r\"); fseek(f, -7, SEEK_END); "
		     "puts(fgets(t, 8, f)); return 0; }"));
	CHECK(sh("printf 'some more data and the payload' >>p/bin/sfx"));
	CHECK(pack() == 0);
	CHECK_TEXT(say("o/bin/sfx"), "payload");
	CHECK(has(report.warnings, "bin/sfx"));
	finish();
}

TEST(a_library_that_can_be_started_is_no_program)
{
	start();
	CHECK(sh("cp -L /lib/x86_64-linux-gnu/libc.so.6 p/lib/ && chmod 755 p/lib/libc.so.6"));
	CHECK(pack() == 0 && report.programs == 0);
	CHECK(sh("test $(cmp -l p/lib/libc.so.6 o/lib/libc.so.6 | wc -l) -le 160"));
	finish();
}

TEST(programs_of_a_root_come_out_in_bin)
{
	const char *const programs[] = {"/opt/a/tool", NULL};
	start();
	CHECK(sh("mkdir -p d/opt/a/lib d/lib64 d/lib/x86_64-linux-gnu; cp -L "
		 "/lib64/ld-linux-x86-64.so.2 d/lib64/; cp -L /lib/x86_64-linux-gnu/libc.so.6 "
		 "d/lib/x86_64-linux-gnu/"));
	CHECK(cc("d/opt/a/lib/libt.so", "-shared -fPIC -Wl,-soname,libt.so",
		"int t(void) { return 0; }"));
	CHECK(cc("d/opt/a/tool-1", "d/opt/a/lib/libt.so -Wl,-rpath,\\$ORIGIN/lib",
		"int t(void); int main(void) { return t(); }"));
	CHECK(sh("ln -s tool-1 d/opt/a/tool; mkdir o"));
	struct pack_spec spec = {.package = tree("d", "/"), .programs = programs};
	struct pack_source to = tree("o", "/");
	CHECK(pack_tree(&spec, to.fd, &report, &err) == 0);
	CHECK_TEXT(err.text, "");
	CHECK(sh("o/bin/tool"));
	CHECK_TEXT(say("ls o"), "bin\nbrun-resources.d");
	close(spec.package.fd);
	close(to.fd);
	finish();
}

TEST(of_backtraces_without_names_is_told)
{
	start();
	CHECK(cc("d/lib/libgfortran.so.5", "-shared -fPIC -Wl,-soname,libgfortran.so.5",
		"int trace(void) { return 0; }"));
	CHECK(cc("p/bin/named", "-Wl,--no-as-needed d/lib/libgfortran.so.5",
		"int trace(void); int main(void) { return trace(); }"));
	CHECK(sh("strip -o p/bin/bare p/bin/named"));
	CHECK(pack() == 0);
	CHECK(has(report.warnings, "backtraces that libgfortran.so.5 prints of bin/named lack"));
	CHECK(!has(report.warnings, "prints of bin/bare"));
	finish();
}

TEST(inspection_finds_what_is_gone_and_what_is_changed)
{
	start();
	CHECK(cc("p/bin/hello", "", HELLO) && pack() == 0);
	cleanup_free char *path = mem_printf("%s/o", scratch);
	cleanup_buf struct buf good = {0}, bad = {0};
	CHECK(pack_inspect(path, true, &good, &err) == 0 &&
		has(buf_text(&good), "\"problems\": []"));
	CHECK(sh(
		"rm o/brun-resources.d/*/lib/libc.so.6; echo x | tee -a o/brun-resources.d/*/exe/hello"));
	CHECK(pack_inspect(path, false, &bad, &err) == 0);
	CHECK(has(buf_text(&bad), "libc.so.6, which is not there") &&
		has(buf_text(&bad), "exe/hello: is not what was packed"));
	finish();
}
