#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The recipes that come with brun, without building them.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 2

for recipe in "$top"/recipes/*.lua "$top"/recipes/*/recipe.lua; do
	name=${recipe#"$top/recipes/"}
	check "$name evaluates" "$BRUN" check "$recipe"
	[ "$name" = toolchain.lua ] && continue
	for field in summary licence; do
		check "$name says its $field" grep -qE "^  $field = \".+\",\$" "$recipe"
	done
done
check "no recipe names a host of Debian's archive" sh -c "! grep -rE 'https?://[a-z.]*debian\.org' '$top/recipes'"
