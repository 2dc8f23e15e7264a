/* SPDX-License-Identifier: MIT */
/* Tries: to give a file capabilities, and attributes that are for root.
 * Must be seen: an error each time.
 * Known from: capabilities(7), xattr(7): security.capability can be set by who has CAP_SETFCAP in
 * the mount's user namespace. */
#include "../attack.h"
#include "../inside.h"

#include <string.h>
#include <sys/xattr.h>

ATTACK()
{
	static const char all[] =
		"\1\0\0\2\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377";
	static const char namespaced[] =
		"\1\0\0\3\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377\0\0\0\0";

	copy_self("/build/program", 0755);
	must_fail(setxattr("/build/program", "security.capability", all, 20, 0), "capabilities");
	must_fail(setxattr("/build/program", "security.capability", namespaced, 24, 0),
		"capabilities of a namespace");
	must_fail(setxattr("/build/program", "trusted.overlay.opaque", "y", 1, 0), "trusted.*");
}
