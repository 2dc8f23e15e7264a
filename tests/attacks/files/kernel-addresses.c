/* SPDX-License-Identifier: MIT */
/* Tries: to learn where the kernel lies in memory, from /proc/kallsyms and /proc/modules.
 * Must be seen: no address but zeros.
 * Known from: Documentation/admin-guide/sysctl/kernel.rst, kptr_restrict: addresses are for those
 * with CAP_SYSLOG; an exploit's first step. */
#include "../attack.h"

#include <stdio.h>
#include <string.h>

static bool
has_address(const char *path, const char *format)
{
	char line[1024];
	unsigned long address = 0;
	bool is_found = false;
	FILE *from = fopen(path, "re");

	while (from && !is_found && fgets(line, sizeof(line), from)) {
		is_found = sscanf(line, format, &address) == 1 && address != 0;
	}
	if (from) {
		fclose(from);
	}
	return is_found;
}

ATTACK()
{
	must_be(!has_address("/proc/kallsyms", "%lx"), "/proc/kallsyms has no addresses");
	must_be(!has_address("/proc/modules", "%*s %*s %*s %*s %*s 0x%lx"),
		"/proc/modules has no addresses");
	must_be(!has_address("/proc/self/wchan", "%lx"), "nor has wchan");
}
