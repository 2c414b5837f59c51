#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/whole.sh: what the kernels are worth in whole runs at -j1: verifying an
# mbox of 50 KB messages on average and signing one of 20 KB with Ed25519, both
# against --cpu scalar, and signing messages with one body against those with
# bodies of their own. About a minute; B=build/release ROUNDS=15 bench/whole.sh
# prints Markdown. OTHER=PROGRAM measures that program against B's instead.
#
# Two commands take turns. Times are those of the CPU, user and system; ratios
# are the medians of those of neighbours, quartiles beside them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
takes_nothing "$@"
needs_program

OTHER=${OTHER:-}
rounds=${ROUNDS:-15}
sealpress=$B/sealpress
work=build/bench/whole
domain=example.com
ed=(--key "$work/ed.pem" --domain "$domain" --selector ed)
rsa=(--key "$work/rsa.pem" --domain "$domain" --selector rsa)
verify=(verify --no-dns --keys "$work/keys")
out=$work/out.mbox

prepare() {
	rm -rf "$work"
	mkdir -p "$work"
	"$sealpress" keygen -q --domain "$domain" --selector rsa --bits 2048 \
		-o "$work/rsa.pem" >"$work/keys"
	"$sealpress" keygen -q --domain "$domain" --selector ed --type ed25519 \
		-o "$work/ed.pem" >>"$work/keys"
	"$B/mkcorpus" --count 3000 --mean-kb 20 "$work/20.mbox"
	"$B/mkcorpus" --count 2000 --mean-kb 50 "$work/50.mbox"
	"$B/mkcorpus" --count 10000 --mean-kb 20 "$work/distinct.mbox"
	"$B/mkcorpus" --count 10000 --mean-kb 20 --kind identical \
		"$work/identical.mbox"
	"$sealpress" sign -q "${rsa[@]}" -o "$work/signed.mbox" "$work/50.mbox"
	# It was written past the page cache, and would be read past it.
	cat "$work/signed.mbox" >/dev/null
}

# CPU seconds of one run, behind that of its neighbour in a line of the file.
spent() { # PROGRAM ARGUMENT...
	rm -f "$out"
	TIMEFORMAT='%U %S'
	{ time "$@" -q -j1 2>"$work/stderr"; } 2>&1 |
		awk '{ printf "%.3f ", $1 + $2 }'
}

row() { # NAME MESSAGES
	awk -v name="$1" -v count="$2" '
		function quartile(x, n, q,   i, j, t) {
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && x[j] < x[j - 1]; j--) {
					t = x[j]; x[j] = x[j - 1]; x[j - 1] = t
				}
			return x[int((n - 1) * q / 4 + .5) + 1]
		}
		{ a[NR] = $1; b[NR] = $2; r[NR] = $2 / $1 }
		END {
			printf "| %s | %.1f | %.1f | **%.2f** | %.2f to %.2f |\n",
				name, 1e6 * quartile(a, NR, 2) / count,
				1e6 * quartile(b, NR, 2) / count,
				quartile(r, NR, 2), quartile(r, NR, 1),
				quartile(r, NR, 3)
		}' "$work/times"
}

# turns NAME MESSAGES ARGUMENT... -- ARGUMENT...: ours, and what it is compared
# with. Both run once before anything is timed.
turns() {
	local name=$1 count=$2 round first=() other=("$sealpress")
	shift 2
	while [ "$1" != -- ]; do
		first+=("$1")
		shift
	done
	shift
	if [ -n "$OTHER" ]; then
		other=("$OTHER")
		set -- "${first[@]}"
	fi
	"$sealpress" "${first[@]}" -q -j1
	: >"$work/times"
	for ((round = 0; round < rounds; round++)); do
		{
			spent "$sealpress" "${first[@]}"
			spent "${other[@]}" "$@"
			echo
		} >>"$work/times"
	done
	row "$name" "$count"
}

prepare
echo "| -j1, us per message | ours | other | ratio | quartiles |"
echo "|---|--:|--:|--:|--:|"
v=("${verify[@]}" "$work/signed.mbox")
turns 'verify RSA-2048, 50 KB, against --cpu scalar' 2000 \
	"${v[@]}" -- "${v[@]}" --cpu scalar
s=(sign "${ed[@]}" -o "$out" "$work/20.mbox")
turns 'sign Ed25519, 20 KB, against --cpu scalar' 3000 \
	"${s[@]}" -- "${s[@]}" --cpu scalar
s=(sign "${ed[@]}" -o "$out")
turns 'sign Ed25519, identical bodies, against distinct ones' 10000 \
	"${s[@]}" "$work/identical.mbox" -- "${s[@]}" "$work/distinct.mbox"
rm -rf "$work"
