#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/memory.sh: peak resident memory of work that is larger than memory
# should be: verify an mbox of 1 GB, sign a message of 300 MB. Both have to stay
# under 256 MB. Needs 2.5 GB of disk under build/memory.
set -euo pipefail

limit_kb=$((256 * 1024))
sealpress=$B/sealpress
work=build/memory
failed=0

# peak NAME COMMAND...
peak() {
	local name=$1 kb
	shift
	/usr/bin/time -f %M -o "$work/peak" "$@" >/dev/null
	kb=$(tail -n 1 "$work/peak")
	echo "| $name | $((kb / 1024)) MB | $((limit_kb / 1024)) MB |"
	[ "$kb" -lt "$limit_kb" ] || failed=1
}

large_message() {
	printf 'From: a@example.com\nTo: b@example.net\nSubject: large\n\n'
	# head ends the pipe before yes is done, as it should.
	yes 'A line of a large attachment, as long as those of base64 mostly are.' |
		head -c 300000000 || true
	echo
}

rm -rf "$work"
mkdir -p "$work"
"$sealpress" keygen --type ed25519 --domain example.com --selector s1 \
	-o "$work/key.pem" >"$work/keys.zone"
sign=("$sealpress" sign --quiet --key "$work/key.pem" --domain example.com
	--selector s1)
"$B/mkcorpus" --count 55000 --mean-kb 20 "$work/plain.mbox"
large_message >"$work/large.eml"

echo "| work | peak resident | must |"
echo "|---|---|---|"
peak "sign an mbox of $(du -m "$work/plain.mbox" | cut -f 1) MB" \
	"${sign[@]}" -o "$work/signed.mbox" "$work/plain.mbox"
peak "verify it" "$sealpress" verify --quiet --no-dns \
	--keys "$work/keys.zone" "$work/signed.mbox"
peak "sign a message of 300 MB" "${sign[@]}" -o "$work/large.mbox" \
	"$work/large.eml"
peak "verify it" "$sealpress" verify --quiet --no-dns \
	--keys "$work/keys.zone" "$work/large.mbox"
peak "sign it from a pipe to a pipe" sh -c 'cat "$0" | "$@" - | cat' \
	"$work/large.eml" "${sign[@]}"
rm -rf "$work"
exit "$failed"
