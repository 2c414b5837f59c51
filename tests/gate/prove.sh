#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/gate/prove.sh TIMES [PLACE...]: does the regression gate hold? TIMES
# times it has to let the same program pass, and as often to fail a program that
# is ten percent slower in PLACE (tests/gate/slow.c), with no place named in each
# of them. What `make gate-proof TIMES=10` runs: a minute and three quarters for
# each pass, and a quarter of a minute for each of 19 places. "same" is a place
# where nothing is slower, to be named alone, "counts" the alarm that counts
# instructions. Two of them may run at the same time, on a core each: taskset -c 0
# make gate-proof ...
set -euo pipefail

times=${1-}
[ $# -eq 0 ] || shift
program=$B/sealpress
slow=$B/tests/gate/slow
# Each place, and an item that has it, of the kernel that it is in. The gate
# looks at all items when the program is the same; a slow one needs no more than
# its own to be caught.
places='
sp_bodyhash_run        canon/bodyhash-html
sp_lanes_run           crypto/rsa2048-verify-8
sp_keycache_get        engine/keycache-hit rsa
sp_keyrecord_parse     engine/keyrecord
sp_sha256_shani_two    sha256-16x16k sha-ni-x2
sp_sha256_avx512       sha256-headers avx-512
sp_message_split       canon/header-split
sp_header_canon        canon/header-canon
sp_signature_parse     engine/signature-parse
sp_mbox_find           io/mbox-scan
sp_base64_encode       crypto/base64-encode-256
sp_base64_decode       crypto/base64-decode-256
sp_scan_vbmi2          canon/relaxed-html vbmi2
sp_scan_avx2           canon/relaxed-html avx2
sp_rsa_ifma.power      crypto/rsa2048-sign-8 ifma
sp_rsa_ifma.open       crypto/rsa2048-verify-8 ifma
sp_ed25519_ifma.sign   crypto/ed25519-sign ifma
sp_ed25519_ifma.verify crypto/ed25519-verify-cold ifma
sp_report_ndjson       engine/report
'
proved=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The slow program when it is not: it has the same detours.
printf '#!/bin/sh\nunset SEALPRESS_SLOW\nexec "%s" "$@"\n' "$PWD/$slow" \
	>"$work/steady"
chmod +x "$work/steady"

die() {
	echo "tests/gate/prove.sh: $1" >&2
	exit 2
}

# An alarm says what is slower; a gate that broke does not.
gate() { # WANTED WORDS ARGUMENT...
	local wanted=$1 words=$2 status=0 word=ok last
	shift 2
	bench/gate "$@" >"$work/log" 2>&1 || status=$?
	last=$(grep -E '% time|compared' "$work/log" | tail -n 1)
	proved=$((proved + 1))
	if [ "$status" -ne "$wanted" ] || { [ "$wanted" -eq 1 ] &&
		! last=$(grep ' slower$' "$work/log" | tail -n 1); }; then
		word='not ok'
		failed=$((failed + 1))
		cat "$work/log"
	fi
	echo "$word - $words: $last"
}

[[ "$times" =~ ^[1-9][0-9]*$ ]] || die "TIMES is a number, such as 10"
for place; do
	[[ "$place" = @(same|counts) ]] || grep -q "^$place " <<<"$places" ||
		die "there is no place $place"
done
started=$SECONDS
for ((i = 1; i <= times; i++)); do
	[ $# -eq 0 ] || [[ " $* " == *" same "* ]] || break
	# All names have a "/". Without a filter instructions are counted too, and
	# those of one program are the same.
	gate 0 "the same program, $i" --old "$program" --new "$program" /
done
# Turns of an empty loop in each call of sp_base64_encode(): 1 % of the instructions
# of writing a signature, and 9 %.
for ((i = 1; i <= times; i++)); do
	[ $# -eq 0 ] || [[ " $* " == *" counts "* ]] || break
	export SEALPRESS_SLOW=sp_base64_encode
	SEALPRESS_SLOW_TURNS=5 gate 0 "some more instructions, $i" --exact \
		--old "$program" --new "$slow"
	SEALPRESS_SLOW_TURNS=60 gate 1 "too many instructions, $i" --exact \
		--old "$program" --new "$slow"
	unset SEALPRESS_SLOW
done
while read -r place item; do
	[ -n "$place" ] || continue
	[ $# -eq 0 ] || [[ " $* " == *" $place "* ]] || continue
	# A kernel that this processor has not cannot be slow.
	"$slow" bench --list "$item" >/dev/null 2>&1 || {
		echo "$place: not on this processor"
		continue
	}
	for ((i = 1; i <= times; i++)); do
		SEALPRESS_SLOW=$place gate 1 "$place ten percent slower, $i" \
			--old "$work/steady" --new "$slow" "$item"
	done
done <<<"$places"
echo "$proved proved, $failed wrong, $((SECONDS - started)) s"
[ "$failed" -eq 0 ] && [ "$proved" -gt 0 ]
