#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/demo.sh: what `make demo` shows. A corpus is made, signed with RSA and
# Ed25519 as mbox and as Maildir, and verified without the DNS. Everything
# stays in build/demo to be looked at. COUNT=10000 messages of 20 KB.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
takes_nothing "$@"
needs_program

count=${COUNT:-10000}
sealpress=$PWD/$B/sealpress
mkcorpus=$PWD/$B/mkcorpus
demo=$PWD/build/demo
rates=()

title() {
	printf '\n== %s\n' "$*"
}

# run LABEL COMMAND...: shows it as one would type it, runs it, and keeps its
# rate under the label. What it prints goes to the file named in $into, if any.
run() {
	local label=$1 spent words
	shift
	words="${1##*/} ${*:2}"
	printf '$ %s%s\n' "${words//\/ / }" "${into:+ >>$into}"
	exec 3>&1 4>&2
	TIMEFORMAT='%U %S %R'
	spent=$({ time "$@" 1>>"${into:-/dev/fd/3}" 2>&4; } 2>&1)
	exec 3>&- 4>&-
	[ -z "$label" ] || rates+=("$(awk -v n="$count" -v l="$label" '{
		printf "%-36s %9.0f %9.1f", l, n / ($1 + $2), $3
	}' <<<"$spent")")
}

rm -rf "$demo"
mkdir -p "$demo"
cd "$demo"

title "Two keys; what they print is what to publish in the DNS"
into=keys.zone
run "" "$sealpress" keygen --type rsa --bits 2048 --domain example.com \
	--selector rsa2048 -o rsa2048.pem
run "" "$sealpress" keygen --type ed25519 --domain example.com \
	--selector ed25519 -o ed25519.pem
into=
cat keys.zone

title "A corpus: $count newsletters, 20 KB on average, always the same bytes"
run "" "$mkcorpus" --count "$count" --mean-kb 20 --seed 1 letters.mbox
run "" "$mkcorpus" --count "$count" --mean-kb 20 --seed 1 --format maildir \
	letters
ls -sh letters.mbox

keys=(--key rsa2048.pem --domain example.com --selector rsa2048
	--key ed25519.pem --domain example.com --selector ed25519)
title "Sign every message with both keys"
run "sign, RSA-2048 + Ed25519, mbox" \
	"$sealpress" sign "${keys[@]}" -o signed.mbox letters.mbox
run "sign, RSA-2048 + Ed25519, Maildir" \
	"$sealpress" sign "${keys[@]}" -o signed/ letters
run "sign, Ed25519 only, mbox" \
	"$sealpress" sign "${keys[@]:6}" -o signed-ed25519.mbox letters.mbox

title "One signed header"
sed -n '2,/^Received:/{/^Received:/!p;}' signed.mbox

title "Verify both, keys from a file, no packet leaves the machine"
run "verify, two signatures each, mbox" \
	"$sealpress" verify --keys keys.zone --no-dns \
	--report ndjson:verdicts.ndjson signed.mbox
run "verify, two signatures each, Maildir" \
	"$sealpress" verify --keys keys.zone --no-dns signed

title "One verdict record (verdicts.ndjson)"
head -n 1 verdicts.ndjson

title "Change a letter, and it shows"
sed -n '2,/^From bounces@/p' signed.mbox | sed '$d; s/Hello/HELLO/' >forged.eml
"$sealpress" verify --keys keys.zone --no-dns forged.eml ||
	echo "exit status $?: not every message verified"

title "An archive of many years, domains and keys, and what is wrong with it"
run "" "$mkcorpus" --kind archive --count $((count / 10)) old.mbox
run "" "$sealpress" verify --keys old.mbox.keys --at message --quiet \
	--report csv:old.csv old.mbox || true # some are broken
echo "What it holds (old.mbox.truth), and what was found:"
paste <(cut -f 3 old.mbox.truth | sort | uniq -c) \
	<(awk -F, 'NR > 1 && !seen[$2]++ { print $7 }' old.csv | sort | uniq -c)

title "How fast (CPU: $(sed -n '/^model name/{s/.*: //p;q;}' /proc/cpuinfo))"
printf '%-36s %9s %9s\n' "$count messages of 20 KB" "per core/s" "seconds"
printf '%s\n' "${rates[@]}"

cat <<END

Everything is in build/demo. Where to go next:
  $B/sealpress sign --help          your own Maildir, mbox or stream
  $B/sealpress verify --help
  man -l docs/sealpress.1           every option and format
  make check                        all tests, no network
  make bench                        ratios to OpenSSL and libopendkim
END
