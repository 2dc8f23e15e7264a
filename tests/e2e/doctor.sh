#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# brun doctor: what it says of this host, of hosts that refuse something, of stores that are no good.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 2

# without KIND COMMAND…: where no more namespaces of that kind can be made.
# shellcheck disable=SC2016
without() {
	local kind=$1
	shift
	unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_'"$kind"'_namespaces && exec "$@"' sh "$@"
}

# with_tmpfs OPTIONS COMMAND…: with a tmpfs of these options at $T/disk.
# shellcheck disable=SC2016
with_tmpfs() {
	local options=$1
	shift
	mkdir -p disk
	unshare -Urm sh -c 'mount -t tmpfs -o '"$options"' tmpfs disk && exec "$@"' sh "$@"
}

expect "a host that runs steps" 0 "ok        pivot_root" "$BRUN" doctor
check "says nothing is refused" [ -z "$(grep -E '^(refused|untried)' "$T/out")" ]
expect "what the store's disk is" 0 "ok        store: file system: $(findmnt -nro FSTYPE -T "$T"), $(findmnt -nro VFS-OPTIONS -T "$T")" "$BRUN" doctor
expect "a helper that can't confine itself" 6 "refused   confining of helpers: Operation not permitted" \
	"$(dirname "$BRUN")/../tests/refuse" EPERM unshare "$BRUN" doctor
expect "where the store lies" 0 "store: $T/store" "$BRUN" doctor
expect "where sources come from" 0 "http://127.0.0.1:9/debian" "$BRUN" doctor --mirror debian=http://127.0.0.1:9/debian
expect "an operand is too much" 2 "no operands" "$BRUN" doctor x.lua
expect "a mirror that is none" 2 "NAME=URL" "$BRUN" doctor --mirror nonsense

"$BRUN" doctor --json >findings
check "each finding is one JSON object" python3 -c '
import json, sys
findings = [json.loads(line) for line in open("findings")]
assert all(finding["verdict"] in ("ok", "degraded") for finding in findings)
assert {"user namespace", "seccomp filter", "store: flock", "mirror://debian/"} <= {f["check"] for f in findings}'

# check's own output goes to where expect's went, so that is copied first.
told() { grep -qE "$1" told; }
for kind in user net; do
	expect "no $kind namespaces" 6 "sysctl -w user.max_${kind}_namespaces=" without $kind "$BRUN" doctor
	cp out told
	check "with the errno's name" told "^refused .*\(ENOSPC\)"
done
check "what rests on them is not tried" told "^untried   loopback device: .*network namespace"
check "what does not is" told "^ok        fresh /proc"
without net "$BRUN" doctor --json >findings 2>/dev/null
check "the advice is in the JSON, too" grep -q '"check":"network namespace","verdict":"refused","errno":"ENOSPC".*sysctl' findings

echo file >file
expect "a store that is a file" 7 "is not a directory" "$BRUN" doctor --store file
mkdir foreign && touch foreign/mine
expect "a directory that is no store" 7 "is not a store" "$BRUN" doctor --store foreign
cp out told
check "the sandbox was looked at all the same" told "^ok        all of it at once"
check "and so were the mirrors" told "mirror://debian/"
expect "a disk whose programs can't run" 7 "remount,exec" with_tmpfs noexec "$BRUN" doctor --store disk/store
expect "a small disk" 0 "make room" with_tmpfs size=50m "$BRUN" doctor --store disk/store
expect "a read-only disk" 7 "EROFS" with_tmpfs ro "$BRUN" doctor --store disk/store
expect "no sandbox comes before no store" 6 "network namespace" without net "$BRUN" doctor --store file
