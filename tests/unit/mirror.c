/* SPDX-License-Identifier: MIT */
#include "fetch/mirror.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <fcntl.h>

#include "test.h"

/* A host of its own: no configuration, no variables, an empty etc/apt. */
struct host {
	char root[64];
	int fd;
	struct mirrors mirrors;
	char *text; /* the last answer, one address a line, or the error */
	struct err err;
};

static void
host_init(struct host *host)
{
	*host = (struct host){.root = "/tmp/brun-test-XXXXXX", .text = mem_strdup("")};
	if (!mkdtemp(host->root)) {
		abort();
	}
	host->fd = fs_open_dir(AT_FDCWD, host->root, NULL);
	host->mirrors.root = host->root;
	fs_mkdirs_at(host->fd, "etc/apt/sources.list.d", 0755, NULL);
	fs_mkdirs_at(host->fd, "config/brun", 0755, NULL);
	cleanup_free char *config = mem_printf("%s/config", host->root);
	setenv("XDG_CONFIG_HOME", config, 1);
	unsetenv("BRUN_MIRROR_DEBIAN");
	unsetenv("BRUN_MIRROR_MY_OWN");
}

static void
host_done(struct host *host)
{
	close(host->fd);
	fs_remove_at(AT_FDCWD, host->root, NULL);
	mirrors_done(&host->mirrors);
	free(host->text);
}

#define HOST(name)                                                                                 \
	__attribute__((cleanup(host_done))) struct host name;                                      \
	host_init(&name)

static void
put(struct host *host, const char *path, const char *text)
{
	CHECK(fs_create_at(host->fd, path, 0644, text, strlen(text), NULL) == 0);
}

static const char *
resolved(struct host *host, const char *url)
{
	char **urls;
	struct buf text = {0};

	free(host->text);
	host->err = (struct err){0};
	if (mirrors_resolve(&host->mirrors, url, &urls, &host->err) < 0) {
		host->text = mem_strdup(host->err.text);
		return host->text;
	}
	for (size_t i = 0; urls[i]; i++) {
		buf_printf(&text, "%s\n", urls[i]);
		free(urls[i]);
	}
	free(urls);
	host->text = buf_take(&text);
	return host->text;
}

#define PUBLIC "https://snapshot.debian.org/archive/debian/20260801T000000Z/p\n"

TEST(a_plain_address_gives_itself)
{
	HOST(host);

	CHECK_TEXT(resolved(&host, "https://a.example/x?y#z"), "https://a.example/x?y#z\n");
	CHECK_TEXT(resolved(&host, "http://a.example/"), "http://a.example/\n");
	CHECK_TEXT(resolved(&host, "file:///x"), "file:///x\n");
}

TEST(other_addresses_are_the_recipes_fault)
{
	static const char *const bad[] = {"ftp://a/x", "x", "", "https://", "mirror://",
		"mirror://a", "mirror:///x", "mirror://a/", "mirror://a/../x", "mirror://A/x",
		"http://a/x y", "http://a/\nurl file:///x", "file://host/x", "scp://a/x"};
	HOST(host);

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK(strncmp(resolved(&host, bad[i]), "address '", 9) == 0);
		CHECK(host.err.status == STATUS_RECIPE);
	}
}

TEST(debian_has_a_public_default)
{
	HOST(host);

	CHECK_TEXT(resolved(&host, "mirror://debian/p"), PUBLIC);
}

TEST(an_unknown_name_is_an_error_that_says_how_to_name_one)
{
	HOST(host);

	CHECK(strstr(resolved(&host, "mirror://my-own/p"), "--mirror my-own=URL"));
	CHECK(strstr(host.text, "BRUN_MIRROR_MY_OWN") && host.err.status == STATUS_SOURCE);
}

TEST(the_order_is_option_variable_configuration_apt_default)
{
	HOST(host);

	put(&host, "config/brun/config.json",
		"{\"other\": 1, \"mirrors\": {\"debian\": [\"http://c1/\", \"http://c2\"]}}");
	put(&host, "etc/apt/sources.list", "deb http://apt/debian stable main\n");
	setenv("BRUN_MIRROR_DEBIAN", "http://variable/debian/", 1);
	CHECK(mirrors_add(&host.mirrors, "debian=http://option", NULL) == 0);
	CHECK(mirrors_add(&host.mirrors, "else=http://no", NULL) == 0);
	CHECK_TEXT(resolved(&host, "mirror://debian/p"),
		"http://option/p\nhttp://variable/debian/p\nhttp://c1/p\nhttp://c2/p\n"
		"http://apt/debian/p\n" PUBLIC);
}

TEST(a_mirror_is_tried_once)
{
	HOST(host);

	put(&host, "etc/apt/sources.list",
		"deb http://apt/debian/ stable main\ndeb http://apt/debian testing main\n");
	CHECK(mirrors_add(&host.mirrors, "debian=http://apt/debian", NULL) == 0);
	CHECK_TEXT(resolved(&host, "mirror://debian/p"), "http://apt/debian/p\n" PUBLIC);
}

TEST(names_become_variables_in_capitals)
{
	HOST(host);

	setenv("BRUN_MIRROR_MY_OWN", "file:///srv/own", 1);
	CHECK_TEXT(resolved(&host, "mirror://my-own/a/b"), "file:///srv/own/a/b\n");
}

TEST(one_line_sources_are_understood)
{
	HOST(host);

	put(&host, "etc/apt/sources.list",
		"# deb http://comment/debian stable main\n"
		"deb-src http://source/debian stable main\n"
		"deb [ arch=amd64 signed-by=/x ] http://options/debian stable contrib main # x\n"
		"deb http://no-main/debian stable contrib\n"
		"deb http://security/debian-security stable main\n"
		"deb http://other/ubuntu noble main\n"
		"deb cdrom:[Debian]/debian stable main\n"
		"deb file:/srv/debian stable main\n"
		"deb http://snapshot/archive/debian/20250520T000000Z/ bookworm main\n"
		"deb [broken http://broken/debian stable main\n"
		"deb\n\n");
	CHECK_TEXT(resolved(&host, "mirror://debian/p"),
		"http://options/debian/p\nfile:///srv/debian/p\n"
		"http://snapshot/archive/debian/20250520T000000Z/p\n" PUBLIC);
}

TEST(deb822_sources_are_understood)
{
	HOST(host);

	put(&host, "etc/apt/sources.list.d/a.sources",
		"Types: deb deb-src\nURIs: http://one/debian\n# comment\n http://two/debian/\n"
		"Suites: stable\nComponents: contrib\n main\n\n"
		"Types: deb\nURIs: http://off/debian\nComponents: main\nEnabled: no\n\n"
		"types: deb\nuris: http://three/debian\ncomponents: main\n\n"
		"Types: deb\nURIs: http://security/debian-security\nComponents: main\n\n"
		"Types: deb-src\nURIs: http://src/debian\nComponents: main");
	put(&host, "etc/apt/sources.list.d/b.list", "deb http://four/debian stable main");
	put(&host, "etc/apt/sources.list.d/c.save", "deb http://save/debian stable main");
	CHECK_TEXT(resolved(&host, "mirror://debian/p"),
		"http://one/debian/p\nhttp://two/debian/p\nhttp://three/debian/p\n"
		"http://four/debian/p\n" PUBLIC);
}

TEST(bad_mirrors_are_refused_where_they_were_given)
{
	HOST(host);

	static const char *const bad[] = {
		"debian", "=http://x", "debian=", "debian=ftp://x", "De=http://x", "-a=http://x"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK(mirrors_add(&host.mirrors, bad[i], &host.err) == -1);
		CHECK(host.err.status == STATUS_USAGE);
	}
	setenv("BRUN_MIRROR_DEBIAN", "nonsense", 1);
	CHECK(strstr(resolved(&host, "mirror://debian/p"), "$BRUN_MIRROR_DEBIAN is 'nonsense'"));
	CHECK(host.err.status == STATUS_USAGE);
	unsetenv("BRUN_MIRROR_DEBIAN");
	put(&host, "config/brun/config.json", "{\"mirrors\": {\"debian\": 1}}");
	CHECK(strstr(resolved(&host, "mirror://debian/p"), "mirrors.debian"));
	CHECK(host.err.status == STATUS_USAGE);
}

TEST(a_configuration_that_is_no_json_is_named_with_the_line)
{
	HOST(host);

	put(&host, "config/brun/config.json", "{\n,}");
	CHECK(strstr(resolved(&host, "mirror://debian/p"), "config.json':2:"));
}
