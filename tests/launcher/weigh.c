/* SPDX-License-Identifier: MIT */
/* What a start leaves in the process: anonymous memory, what is resident of the file that was
 * started (kilobytes), mappings that are writable and executable, open descriptors. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	char line[4096], own[4096];
	long value, anonymous = 0, launcher = 0, bad = 0, open_count = 0;
	int is_own = 0;

	(void)argc;
	for (int fd = 0; fd < 256; fd++) {
		open_count += fcntl(fd, F_GETFD) >= 0;
	}
	snprintf(own, sizeof(own), "%s\n", argv[0]);
	FILE *file = fopen("/proc/self/smaps", "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (strchr(line, '-') && strchr("rwxp-", line[strcspn(line, " ") + 1])) {
			bad += strstr(line, " rwx") != NULL;
			is_own = strstr(line, own) != NULL;
		}
		anonymous += sscanf(line, "Anonymous: %ld kB", &value) == 1 ? value : 0;
		launcher += is_own && sscanf(line, "Rss: %ld kB", &value) == 1 ? value : 0;
	}
	printf("%ld %ld %ld %ld\n", anonymous, launcher, bad, open_count);
	return file == NULL;
}
