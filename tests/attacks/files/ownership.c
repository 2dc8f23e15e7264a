/* SPDX-License-Identifier: MIT */
/* Tries: to give its files and its inputs to others, by every call for it, as "install -o root"
 * does.
 * Must be seen: success, as builds expect, and no file with another owner; set-id bits that a
 * change of owner would clear are nobody's business, for none are there.
 * Known from: chown(2); builders that let it through make outputs depend on who builds. */
#include "../attack.h"
#include "../inside.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool
is_mine(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_uid == getuid() && st.st_gid == getgid();
}

ATTACK()
{
	if (!attack_is_ours()) {
		return;
	}
	put("/build/file", "x", 1);
	int file = open("/build/file", O_RDONLY);
	must_be(symlink("file", "/build/link") == 0, "a link is made");
	must_be(chown("/build/file", 0, 0) == 0, "chown");
	must_be(lchown("/build/link", 65534, 65534) == 0, "lchown");
	must_be(fchown(file, 0, (gid_t)-1) == 0, "fchown");
	must_be(fchownat(AT_FDCWD, "/build/file", 1, 1, 0) == 0, "fchownat");
	must_be(syscall(SYS_fchownat, file, "", 1, 1, AT_EMPTY_PATH) == 0, "by its descriptor");
	must_be(chown("/brun/file", 0, 0) == 0 && chown("/nowhere", 0, 0) == 0, "of whatever");
	must_be(is_mine("/build/file") && is_mine("/build/link"), "its files stay its own");
	must_be(is_mine("/brun/file"), "and so do its inputs");
}
