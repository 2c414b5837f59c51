#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/gate/prove.sh TIMES [PLACE...]: does the regression gate hold? TIMES
# times it has to let the same program pass, and as often to fail a program that
# is ten percent slower in PLACE (tests/gate/slow.c), with no place named in each
# of them. What `make gate-proof TIMES=10` runs: a minute and a half for each
# pass, and about half a minute for each of 19 places. "same" is a place where
# nothing is slower, to be named alone. Two of them may run at the same time, on
# a core each: taskset -c 0 make gate-proof ...
set -euo pipefail

times=$1
shift
program=$B/sealpress
slow=$B/tests/gate/slow
# Each place, and the items that have it. The gate looks at all items when the
# program is the same; a slow one needs no more than its own to be caught.
places='
sp_bodyhash_run        canon/bodyhash
sp_lanes_run           crypto/rsa2048
sp_keycache_get        engine/keycache
sp_keyrecord_parse     engine/keyrecord
sp_sha256_shani_two    crypto/sha256
sp_sha256_avx512       crypto/sha256
sp_message_split       canon/header
sp_header_canon        canon/header
sp_signature_parse     engine/signature
sp_mbox_find           io/mbox
sp_base64_encode       crypto/base64
sp_base64_decode       crypto/base64
sp_scan_vbmi2          canon/relaxed
sp_scan_avx2           canon/relaxed
sp_rsa_ifma.power      crypto/rsa2048-sign
sp_rsa_ifma.open       crypto/rsa2048-verify
sp_ed25519_ifma.sign   crypto/ed25519
sp_ed25519_ifma.verify crypto/ed25519
sp_report_ndjson       engine/report
'
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

gate() { # WANTED WORDS ARGUMENT...
	local wanted=$1 words=$2 status=0 word=ok
	shift 2
	bench/gate --old "$program" "$@" >"$log" 2>&1 || status=$?
	if [ "$status" -ne "$wanted" ]; then
		word='not ok'
		failed=$((failed + 1))
		cat "$log"
	fi
	echo "$word - $words: $(tail -n 1 "$log")"
}

started=$SECONDS
for ((i = 1; i <= times; i++)); do
	[ $# -eq 0 ] || [[ " $* " == *" same "* ]] || break
	# All names have a "/". Without a filter instructions are counted too, and
	# those of one program are the same.
	gate 0 "the same program, $i" --new "$program" /
done
while read -r place item; do
	[ -n "$place" ] || continue
	[ $# -eq 0 ] || [[ " $* " == *" $place "* ]] || continue
	# A kernel that this processor has not cannot be slow.
	SEALPRESS_SLOW=$place "$slow" bench --list "$item" >/dev/null || continue
	for ((i = 1; i <= times; i++)); do
		SEALPRESS_SLOW=$place gate 1 "$place ten percent slower, $i" \
			--new "$slow" "$item"
	done
done <<<"$places"
echo "$failed wrong, $((SECONDS - started)) s"
[ "$failed" -eq 0 ]
