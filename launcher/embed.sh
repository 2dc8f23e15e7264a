#!/bin/sh
# SPDX-License-Identifier: MIT
# embed.sh MACHINE FILE…: prints templates.c, with each file's bytes, a table of them, and a hash over
# all: what a launcher's bytes are is part of every pack action's key.
set -eu
echo '#include <elf.h>'
echo '#include "launcher/templates.h"'
table='' files=''
while [ $# -gt 0 ]; do
	echo "static const unsigned char data_$1[] = {"
	od -An -v -tu1 "$2" | tr -s ' ' ',' | sed 's/^,//; s/$/,/'
	echo '};'
	table="$table{$1, data_$1, sizeof(data_$1)}, "
	files="$files$1 $(sha256sum <"$2")
"
	shift 2
done
echo "const struct image_template image_templates[] = {$table{0}};"
echo "const char image_templates_hash[] = \"$(printf %s "$files" | sha256sum | cut -c -16)\";"
