#!/bin/sh
# SPDX-License-Identifier: MIT
# embed.sh MACHINE FILE…: prints templates.c, with each file's bytes and a table of them.
set -eu
echo '#include <elf.h>'
echo '#include "launcher/templates.h"'
table=
while [ $# -gt 0 ]; do
	echo "static const unsigned char data_$1[] = {"
	od -An -v -tu1 "$2" | tr -s ' ' ',' | sed 's/^,//; s/$/,/'
	echo '};'
	table="$table{$1, data_$1, sizeof(data_$1)}, "
	shift 2
done
echo "const struct image_template image_templates[] = {$table{0}};"
