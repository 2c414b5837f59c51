#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/run.sh [--smoke]: sealpress against what it is measured by, on the same
# bytes, in one interleaved run (A, B, A, B, ...), as ratios of CPU time:
#
#	sign RSA-2048, mbox to mbox	openssl speed rsa2048
#	sign RSA-2048			libopendkim, in memory
#	verify RSA-2048			libopendkim, in memory
#	sign and verify			sealpress --cpu scalar
#
# The peer's clock runs for the library calls alone, ours for the process with
# all its reading and writing. Prints Markdown and keeps it in build/bench.
# With --smoke everything is small and only has to work.
set -euo pipefail

rounds=5 sign_count=3000 verify_count=10000 seconds=3
if [ "${1-}" = --smoke ]; then
	rounds=1 sign_count=200 verify_count=400 seconds=1
fi
sealpress=$B/sealpress
peer=$B/bench/peers/peer_opendkim
work=build/bench
domain=example.com

cpu_rate() { # COUNT COMMAND...: COUNT per CPU second of the command
	local count=$1 spent
	shift
	TIMEFORMAT='%U %S'
	spent=$({ time "$@" >/dev/null 2>"$work/stderr"; } 2>&1) ||
		{ cat "$work/stderr" >&2 && return 1; }
	awk -v n="$count" '{ printf "%.1f\n", n / ($1 + $2) }' <<<"$spent"
}

openssl_rate() { # RSA-2048 signatures per CPU second
	openssl speed -seconds "$seconds" -mr rsa2048 2>/dev/null |
		awk -F: '/^[+]F2:/ { printf "%.1f\n", $4 }'
}

peer_rate() { # messages per CPU second of libopendkim
	"$peer" "$@" | awk '{ printf "%.1f\n", $1 / $2 }'
}

sign_with() { # KEY CPU
	cpu_rate "$sign_count" "$sealpress" sign -j1 --quiet --cpu "$2" \
		--key "$work/$1.pem" --domain "$domain" --selector "$1" \
		-o "$work/out.mbox" "$work/sign.mbox"
}

verify_with() { # CPU
	cpu_rate "$verify_count" "$sealpress" verify -j1 --quiet --no-dns \
		--cpu "$1" --keys "$work/keys" "$work/verify.mbox"
}

prepare() {
	rm -rf "$work"
	mkdir -p "$work"
	(umask 077 && openssl genrsa -out "$work/rsa.pem" 2048 2>/dev/null)
	(umask 077 && openssl genpkey -algorithm ed25519 -out "$work/ed.pem")
	printf 'rsa._domainkey.%s\tv=DKIM1; k=rsa; p=%s\n' "$domain" \
		"$(openssl pkey -in "$work/rsa.pem" -pubout -outform DER |
			base64 -w 0)" >"$work/keys"
	"$B/mkcorpus" --count "$sign_count" --mean-kb 20 "$work/sign.mbox"
	"$B/mkcorpus" --count "$verify_count" --mean-kb 20 "$work/plain.mbox"
	"$sealpress" sign --quiet --key "$work/rsa.pem" --domain "$domain" \
		--selector rsa -o "$work/verify.mbox" "$work/plain.mbox"
}

# compare NAME MUST "OURS..." BASELINE...: runs both in turn. Appends a table
# row.
compare() {
	local name=$1 must=$2 ours ours_rate base_rate
	read -ra ours <<<"$3"
	shift 3
	for ((round = 0; round < rounds; round++)); do
		base_rate=$("$@")
		ours_rate=$("${ours[@]}")
		echo "$ours_rate $base_rate"
	done | awk -v name="$name" -v must="$must" '
		function sorted(values, n,   i, j, swap) {
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && values[j - 1] > values[j]; j--) {
					swap = values[j]
					values[j] = values[j - 1]
					values[j - 1] = swap
				}
		}
		{ ours[NR] = $1; base[NR] = $2; ratio[NR] = $1 / $2 }
		END {
			sorted(ours, NR); sorted(base, NR); sorted(ratio, NR)
			middle = int((NR + 1) / 2)
			printf "| %s | %.0f | %.0f | **%.2f** | %.2f to %.2f | %s |\n",
				name, ours[middle], base[middle], ratio[middle],
				ratio[1], ratio[NR], must
		}'
}

describe() {
	echo "| | |"
	echo "|---|---|"
	echo "| command | \`make bench\` ($rounds rounds, medians) |"
	echo "| commit | $(git describe --always --dirty 2>/dev/null || echo none) |"
	echo "| CPU | $(sed -n '/^model name/{s/.*: //p;q;}' /proc/cpuinfo)," \
		"$(nproc) cores |"
	echo "| system | $(. /etc/os-release && echo "$PRETTY_NAME")," \
		"Linux $(uname -r) |"
	echo "| compiler | $(head -n 1 "$B/config.mk" | cut -c 3-) |"
	echo "| libraries | $(openssl version | cut -d ' ' -f 1-2)," \
		"libopendkim $(pkg-config --modversion opendkim) |"
	echo "| corpus | mkcorpus --mean-kb 20 --seed 1: $sign_count messages" \
		"to sign, $verify_count to verify |"
	echo
}

prepare
{
	describe
	echo "| per CPU second | sealpress -j1 | baseline | ratio |" \
		"lowest to highest | must |"
	echo "|---|---|---|---|---|---|"
	compare "sign RSA-2048, mbox to mbox; \`openssl speed rsa2048\`" 0.9 \
		"sign_with rsa auto" openssl_rate
	compare "sign RSA-2048; libopendkim in memory" "" \
		"sign_with rsa auto" peer_rate sign "$work/rsa.pem" rsa "$domain" \
		"$work/sign.mbox"
	compare "verify RSA-2048; libopendkim in memory" 3 \
		"verify_with auto" peer_rate verify "$work/keys" "$work/verify.mbox"
	for key in rsa ed; do
		compare "sign $key; itself with \`--cpu scalar\`" "" \
			"sign_with $key auto" sign_with "$key" scalar
	done
	compare "verify RSA-2048; itself with \`--cpu scalar\`" "" \
		"verify_with auto" verify_with scalar
} | tee "$work/results.md"
[ "$(grep -c '\*\*[0-9]' "$work/results.md")" -eq 6 ]
