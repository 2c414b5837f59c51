#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/keys.sh: harvesting against reading (cat) from a warm cache, and a key
# archive of KEYS=1000000 keys: to fill it, and to verify one message with it,
# which is the whole process with opening it and the first lookup; to list,
# export and check it; and hits in the key cache of a run. Interleaved;
# medians of ROUNDS=7 unless it says minima. B=build/release names the build.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
takes_nothing "$@"
needs_program

B=$(realpath "$B")
rounds=${ROUNDS:-7}
keys=${KEYS:-1000000}
work=$(mktemp -d "${TMPDIR:-/tmp}/sealpress-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

seconds() { # COMMAND...: wall seconds, and CPU seconds
	/usr/bin/time -o time -f '%e %U %S' "$@" >/dev/null 2>&1 || true
	awk '{printf "%.2f %.2f\n", $1, $2 + $3}' time
}
median() {
	sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'
}
least() {
	sort -n | head -n 1
}

"$B/mkcorpus" --count "${COUNT:-20000}" --mean-kb 20 --seed 3 plain.mbox
"$B/sealpress" keygen --domain example.com --selector s1 -o s1.pem >s1.zone
"$B/sealpress" sign -q --key s1.pem --domain example.com --selector s1 \
	-o signed.mbox plain.mbox
cat signed.mbox >/dev/null
for ((i = 0; i < rounds; i++)); do
	seconds cat signed.mbox >>cat.txt
	seconds "$B/sealpress" keys harvest -q -j "$(nproc)" signed.mbox >>harvest.txt
done
cat=$(median <cat.txt)
harvest=$(median <harvest.txt)
awk -v c="$cat" -v h="$harvest" -v b="$(stat -c %s signed.mbox)" 'BEGIN {
	printf "harvest: %.2f GB/s; cat: %.2f GB/s; ratio %.2f (wall)\n",
		b / h / 1e9, b / c / 1e9, c / h }'

value=$(sed -n 's/^; \(v=DKIM1.*\)/\1/p' s1.zone)
awk -v n="$keys" -v v="$value" 'BEGIN {
	print "name,value,first_seen,last_seen"
	for (i = 0; i < n; i++)
		printf "s1._domainkey.d%d.example.org,%s,1500000000,1600000000\n", i, v
	printf "s1._domainkey.example.com,%s,1,2\n", v }' >keys.csv
seconds "$B/sealpress" keys import -q -o keys.db keys.csv >import
printf 'import of %d keys: %s s (wall, CPU), %d MB\n' "$keys" \
	"$(cat import)" $(($(stat -c %s keys.db) / 1000000))
head -n "$(grep -n -m 2 '^From ' signed.mbox | tail -n 1 | cut -d: -f1)" \
	signed.mbox | sed '$d' >one.mbox
for ((i = 0; i < rounds; i++)); do
	for source in keys.db s1.zone; do
		start=$(date +%s%N)
		"$B/sealpress" verify -q --keys $source one.mbox || echo failed
		echo $((($(date +%s%N) - start) / 1000)) >>verify.$source
	done
done
awk -v a="$(least <verify.keys.db)" -v f="$(least <verify.s1.zone)" 'BEGIN {
	printf "verify of one message, minima: %.1f ms with the archive, ", a / 1e3
	printf "%.1f ms with a key file; ", f / 1e3
	printf "so open + first lookup: %.1f ms at most\n", a / 1e3 }'
for command in "list" "list --as csv" "export" "check --keys"; do
	# shellcheck disable=SC2086
	/usr/bin/time -o time -f '%e s, %M KB' \
		"$B/sealpress" keys $command keys.db >/dev/null
	echo "keys $command of $keys keys: $(cat time)"
done
"$B/sealpress" bench keycache-hit
