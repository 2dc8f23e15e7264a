/* SPDX-License-Identifier: MIT */
#include "launcher/mention.h"

#include <jansson.h>

#include "packing.h"

static void
take(void *context, const char *path, size_t length)
{
	buf_add(context, path, length);
	buf_putc(context, mention_is_of_build(path, length) ? '!' : ' ');
}

static const char *
mentions(const char *data, size_t size)
{
	static char last[1024];
	cleanup_buf struct buf text = {0};

	mention_each(data, size, take, &text);
	snprintf(last, sizeof(last), "%s", buf_text(&text));
	return last;
}

#define MENTIONS(literal) mentions(literal, sizeof(literal) - 1)

TEST(paths_of_the_machine_and_of_the_build_are_told_apart)
{
	CHECK_TEXT(MENTIONS("/usr/share/x"), "/usr/share/x ");
	CHECK_TEXT(MENTIONS("a=/etc/x:/opt/y\0/lib64/z"), "/etc/x /opt/y /lib64/z ");
	CHECK_TEXT(MENTIONS("prefix=/brun/lib /build/source"), "/brun/lib!/build/source!");
	CHECK_TEXT(MENTIONS("See '/etc/passwd'. Or /usr/bin/."), "/etc/passwd /usr/bin ");
}

TEST(what_continues_another_path_is_none)
{
	CHECK_TEXT(MENTIONS("${ROOT}/usr/x ../etc/x share/usr/x"), "");
	CHECK_TEXT(MENTIONS("/brun-resources.d/usr /users/x /usrx /proc/self /tmp/x"), "");
	CHECK_TEXT(MENTIONS("/usr /usr/ / // /etc"), "");
}

TEST(the_end_of_the_data_ends_a_path)
{
	CHECK_TEXT(mentions("/usr/share/x", 7), "/usr/sh ");
	CHECK_TEXT(mentions("/usr/share/x", 5), "");
	CHECK_TEXT(mentions("", 0), "");
	cleanup_free char *large = mem_alloc(1 << 16);
	memset(large, 'a', 1 << 16);
	memcpy(large, "/usr/", 5);
	CHECK(strlen(mentions(large, 1 << 16)) == MENTION_MAX + 1);
}

/* The inspection of the output; json_decref it. */
static json_t *
inspect(void)
{
	cleanup_free char *path = mem_printf("%s/o", scratch);
	cleanup_buf struct buf text = {0};

	CHECK(pack_inspect(path, true, &text, &err) == 0);
	return json_loadb(buf_text(&text), text.length, 0, NULL);
}

static const json_t *
below(const json_t *root, const char *key, const char *end)
{
	const char *path;
	json_t *value;

	json_object_foreach(json_object_get(root, key), path, value)
	{
		size_t length = strlen(path), size = strlen(end);
		if (length >= size && strcmp(path + length - size, end) == 0) {
			return value;
		}
	}
	return NULL;
}

static bool
lists(const json_t *array, const char *text)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
	{
		const char *name = json_string_value(
			json_is_object(item) ? json_object_get(item, "library") : item);
		if (name && strcmp(name, text) == 0) {
			return true;
		}
	}
	return false;
}

TEST(inspection_tells_what_files_name_and_may_open)
{
	start();
	CHECK(cc("p/bin/hello", "",
		"#include <stdio.h>\n"
		"const char *const all[] = {\"/etc/hello.conf\", \"libplug.so.3\", \"/brun/share/hello\"};\n"
		"int main(int argc, char **argv) { return puts(all[argc % 3]) < 0; }"));
	CHECK(sh("mkdir -p p/share && echo 'root /srv/hello' > p/share/hello"));
	CHECK(pack() == 0);
	json_t *root = inspect();
	const json_t *names = below(root, "names", "exe/hello");
	CHECK(lists(json_object_get(names, "host"), "/etc/hello.conf"));
	CHECK(!lists(json_object_get(names, "host"), "/lib64/ld-linux-x86-64.so.2"));
	CHECK(lists(json_object_get(names, "build"), "/brun/share/hello"));
	names = below(root, "names", "share/hello");
	CHECK(lists(json_object_get(names, "host"), "/srv/hello"));
	CHECK(lists(below(root, "opens", "exe/hello"), "libplug.so.3"));
	CHECK(!below(root, "names", "bin/hello"));
	json_decref(root);
	finish();
}

TEST(inspection_weighs_files)
{
	start();
	CHECK(cc("p/bin/hello", "", "int main(void) { return 0; }"));
	CHECK(sh("echo 12345 > p/five") && pack() == 0);
	json_t *root = inspect(), *size = json_object_get(root, "size");
	json_int_t bytes = json_integer_value(json_object_get(size, "bytes"));
	json_int_t libraries = json_integer_value(json_object_get(size, "libraries"));
	json_int_t glibc = json_integer_value(json_object_get(size, "glibc"));
	CHECK(bytes > libraries && libraries > 100000 && glibc > 100000 && glibc <= bytes);
	CHECK(bytes ==
		atoll(say("find o -type f -printf '%s\\n' | awk '{ s += $1 } END { print s }'")));
	CHECK(json_integer_value(json_object_get(size, "files")) ==
		atoll(say("find o -type f | wc -l")));
	json_decref(root);
	finish();
}

TEST(inspection_in_words_says_the_same)
{
	cleanup_buf struct buf text = {0};

	start();
	CHECK(cc("p/bin/hello", "",
		"int main(int argc, char **argv) { return *\"/opt/x libplug.so.3\" == argc; }"));
	CHECK(sh("printf '\\000libplug.so.3\\000/brun/x' >> p/bin/hello") && pack() == 0);
	cleanup_free char *path = mem_printf("%s/o", scratch);
	CHECK(pack_inspect(path, false, &text, &err) == 0);
	CHECK(has(buf_text(&text), "1 packed programs; "));
	CHECK(has(buf_text(&text), "\nbin/hello\n    dynamic program"));
	CHECK(has(buf_text(&text), "lib/libc.so.6: "));
	CHECK(!strstr(buf_text(&text), "Wrong with it"));
	finish();
}

/* What is said of a file of the one bundle in o. */
static const char *
said_of(const char *file)
{
	cleanup_free char *command = mem_printf(
		"grep -A9 '\"%s\": {' o/brun-resources.d/*/pack.json | sed '/}/q' | grep -oE "
		"'\"(package|version)\": \"[^\"]*\"' | tr '\\n' ' '",
		file);

	return say(command);
}

/* Packs /usr/bin/tool out of the root d, which has lists of tool and libc6, and this status. */
static void
pack_of_root(const char *status)
{
	const char *const programs[] = {"/usr/bin/tool", NULL};

	CHECK(sh("mkdir -p d/usr/bin d/lib64 d/usr/lib d/var/lib/dpkg/info o"));
	CHECK(sh("printf '%%s' '%s' > d/var/lib/dpkg/status", status));
	CHECK(cc("d/usr/bin/tool", "", "int main(void) { return 0; }"));
	CHECK(sh(
		"for f in $(ldd d/usr/bin/tool | grep -oE '/[^ ]+'); do cp -L $f d/usr/lib/; done; cp d/usr/lib/ld-linux* "
		"d/lib64/; cd d/var/lib/dpkg/info; printf '/.\\n/usr\\n/usr/bin/tool\\n' > tool.list; "
		"printf '/lib/libc.so.6' > libc6:amd64.list; echo /usr/bin/tool > tool.md5sums; : > none.list; "
		"echo /lib/libc.so.6.1 > libc6:i386.list"));
	struct pack_spec spec = {.package = tree("d", "/"), .programs = programs};
	struct pack_source to = tree("o", "/");
	CHECK(pack_tree(&spec, to.fd, &report, &err) == 0);
	CHECK_TEXT(err.text, "");
	close(spec.package.fd);
	close(to.fd);
}

TEST(a_file_of_a_packed_root_bears_its_packages_name_and_version)
{
	cleanup_buf struct buf text = {0};

	start();
	pack_of_root(
		"Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n\n"
		"Package: libc6\nArchitecture: amd64\nStatus: install ok installed\n"
		"Description: it\n Version: 3\nVersion: 2.36-9+b1\n\n"
		"Package: tool\nStatus: install ok half-configured\nVersion:1:0~1");
	CHECK_TEXT(said_of("exe/tool"), "\"package\": \"tool\" \"version\": \"1:0~1\" ");
	CHECK_TEXT(said_of("lib/libc.so.6"), "\"package\": \"libc6\" \"version\": \"2.36-9+b1\" ");
	CHECK_TEXT(say("grep -c '\"package\"' o/brun-resources.d/*/pack.json"), "2");
	cleanup_free char *path = mem_printf("%s/o", scratch);
	CHECK(pack_inspect(path, false, &text, &err) == 0);
	CHECK(has(buf_text(&text), "exe/tool: usr/bin/tool of d, package tool 1:0~1"));
	finish();
}

TEST(a_version_that_is_not_known_is_not_told)
{
	start();
	pack_of_root(
		"\n\nPackage: tool\nStatus: deinstall ok config-files\nVersion: 1\n\n"
		"Package: libc6\nStatus: install ok installed\nArchitecture: i386\n\nVersion: 3\n");
	CHECK_TEXT(said_of("exe/tool"), "\"package\": \"tool\" ");
	CHECK_TEXT(said_of("lib/libc.so.6"), "\"package\": \"libc6\" ");
	finish();
}
