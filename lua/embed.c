/* SPDX-License-Identifier: MIT */
/* embed FILE.lua… >prelude.c: a build tool that makes the table of prelude.h. */
#include <stdio.h>
#include <string.h>

static int
print_bytes(const char *path)
{
	FILE *file = fopen(path, "rb");
	int byte;

	if (!file) {
		perror(path);
		return -1;
	}
	for (unsigned column = 0; (byte = getc(file)) != EOF; column++) {
		printf("%s%d,", column % 24 ? "" : "\n\t", byte);
	}
	fclose(file);
	return 0;
}

int
main(int argc, char **argv)
{
	printf("#include \"prelude.h\"\n");
	for (int i = 1; i < argc; i++) {
		printf("static const char text_%d[] = {", i);
		if (print_bytes(argv[i]) < 0) {
			return 1;
		}
		printf("};\n");
	}
	printf("const struct prelude preludes[] = {\n");
	for (int i = 1; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');
		printf("\t{\"%s\", text_%d, sizeof(text_%d)},\n", slash ? slash + 1 : argv[i], i,
			i);
	}
	printf("\t{NULL, NULL, 0},\n};\n");
	return fflush(stdout) == 0 ? 0 : 1;
}
