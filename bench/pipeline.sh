#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/pipeline.sh [PART...]: the figures of whole runs, each against what it
# is to be compared with, in turns; medians of ROUNDS (7). B=build/release
# bench/pipeline.sh prints Markdown for RESULTS.md. Parts:
#   jobs        -j2 against -j1, and against the disk
#   openssl     signing with Ed25519 against openssl speed, per CPU second
#   maildir     Maildir to Maildir in memory against a loop of copies, per CPU
#               second
#   durability  --durability batch, and with a journal, against none
#   cold        a Maildir and an mbox that are not in memory (needs root)
#   many        1,000,000 messages against 10,000
#   memory      peak memory with an mbox of 10 GB, nearly all of it a hole, and
#               with one that comes down a pipe
set -euo pipefail
. "$(dirname "$0")/lib.sh"
parts=(jobs openssl maildir durability cold many memory)
[ $# -gt 0 ] || set -- "${parts[@]}"
for part; do
	case $part in
	-h | --help) about && exit ;;
	esac
	[[ " ${parts[*]} " = *" $part "* ]] || {
		echo "pipeline.sh: no part '$part'; there are: ${parts[*]}" >&2
		exit 2
	}
done
needs_program

rounds=${ROUNDS:-7}
sealpress=$B/sealpress
work=build/bench/pipeline
# In memory: what a disk does is not what is measured there.
fast=$(mktemp -d /dev/shm/sealpress-bench.XXXXXX)
trap 'rm -rf "$fast" "$work"' EXIT
domain=example.com
ed=(--key "$work/ed.pem" --domain "$domain" --selector ed)
rsa=(--key "$work/rsa.pem" --domain "$domain" --selector rsa)

prepare() {
	rm -rf "$work"
	mkdir -p "$work"
	"$sealpress" keygen -q --domain "$domain" --selector rsa \
		-o "$work/rsa.pem" >"$work/keys"
	"$sealpress" keygen -q --domain "$domain" --selector ed --type ed25519 \
		-o "$work/ed.pem" >>"$work/keys"
	echo "| work | result | all rounds |"
	echo "|---|---|---|"
}

# Removing what the last command wrote is no part of the next one.
clean() {
	rm -rf "$work/out" "$work/journal" "$fast/out"
}

# wall NAME COMMAND...: seconds of the clock, kept under that name.
wall() {
	local name=$1 TIMEFORMAT=%R
	shift
	clean
	{ time "$@" >/dev/null; } 2>>"$work/$name.wall"
}

# cpu NAME COMMAND...: seconds of user and system time.
cpu() {
	local name=$1 TIMEFORMAT='%U %S'
	shift
	clean
	{ time "$@" >/dev/null; } 2>&1 | awk '{ print $1 + $2 }' \
		>>"$work/$name.cpu"
}

# ratio WORDS A B: median of the ratios of neighbours, A to B.
ratio() {
	paste "$work/$2" "$work/$3" | awk '{ printf "%.2f\n", $1 / $2 }' |
		sort -n >"$work/ratios"
	echo "| $1 | $(sed -n "$(((rounds + 1) / 2))p" "$work/ratios") |" \
		"$(tr '\n' ' ' <"$work/ratios")|"
}

sign() { # JOBS INPUT OUTPUT OPTION...
	local jobs=$1 in=$2 out=$3
	shift 3
	"$sealpress" sign -q -j"$jobs" "$@" -o "$out" "$in"
}

part_jobs() {
	"$B/mkcorpus" --count 4000 --mean-kb 20 "$fast/few.mbox"
	"$B/mkcorpus" --count 20000 --mean-kb 20 "$fast/in.mbox"
	for ((i = 0; i < rounds; i++)); do
		for jobs in 1 2; do
			wall "rsa$jobs" sign $jobs "$fast/few.mbox" \
				"$work/out" "${rsa[@]}"
			wall "ed$jobs" sign $jobs "$fast/in.mbox" \
				"$work/out" "${ed[@]}"
			wall "none$jobs" sign $jobs "$fast/in.mbox" \
				"$work/out" "${ed[@]}" --durability none
			wall "null$jobs" "$sealpress" sign -q -j$jobs \
				"${ed[@]}" -o /dev/null "$fast/in.mbox"
		done
		wall disk dd if="$fast/in.mbox" of="$work/out" bs=1M \
			oflag=direct status=none
	done
	ratio "RSA-2048, mbox to mbox, -j2 as fast as -j1" rsa1.wall rsa2.wall
	ratio "Ed25519, mbox to mbox, the same" ed1.wall ed2.wall
	ratio "the same with --durability none" none1.wall none2.wall
	ratio "Ed25519, mbox to /dev/null" null1.wall null2.wall
	ratio "Ed25519, mbox to mbox, -j2, rate of dd oflag=direct of as much" \
		disk.wall none2.wall
	rm -f "$fast"/*.mbox
}

part_openssl() {
	local count=20000
	"$B/mkcorpus" --count $count --mean-kb 20 "$fast/in.mbox"
	for ((i = 0; i < rounds; i++)); do
		cpu ours sign 1 "$fast/in.mbox" "$work/out" "${ed[@]}"
		openssl speed -seconds 1 -mr ed25519 2>/dev/null |
			awk -F: -v n=$count '/^[+]F6:/ { print n / $5 }' \
				>>"$work/openssl.cpu"
	done
	ratio "Ed25519, mbox to mbox, times openssl speed" openssl.cpu ours.cpu
	rm -f "$fast/in.mbox"
}

part_maildir() {
	"${CC:-cc}" -O2 -D_GNU_SOURCE -o "$work/copy_loop" \
		bench/peers/copy_loop.c
	"$B/mkcorpus" --count 10000 --mean-kb 20 --format maildir "$fast/box"
	for ((i = 0; i < rounds; i++)); do
		cpu signed sign 1 "$fast/box" "$fast/out/" "${ed[@]}" \
			--durability none
		cpu copied "$work/copy_loop" "$fast/box/cur" "$fast/box/new" \
			"$fast/out"
	done
	ratio "Ed25519, Maildir to Maildir in memory, of a loop of copies" \
		copied.cpu signed.cpu
	rm -rf "$fast/box"
}

part_durability() {
	"$B/mkcorpus" --count 20000 --mean-kb 20 "$fast/in.mbox"
	for ((i = 0; i < rounds; i++)); do
		wall none sign 2 "$fast/in.mbox" "$work/out" "${ed[@]}" \
			--durability none
		wall batch sign 2 "$fast/in.mbox" "$work/out" "${ed[@]}"
		wall journal sign 2 "$fast/in.mbox" "$work/out" "${ed[@]}" \
			--resume "$work/journal"
	done
	ratio "--durability batch, rate of none" none.wall batch.wall
	ratio "with a journal, rate of none" none.wall journal.wall
	rm -f "$fast/in.mbox"
}

forget() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	"$sealpress" --version -v >/dev/null # it must not wait for itself
}

part_cold() {
	"$B/mkcorpus" --count 10000 --mean-kb 20 "$work/in.mbox"
	"$sealpress" sign -q "${ed[@]}" -o "$work/signed.mbox" "$work/in.mbox"
	rm "$work/in.mbox"
	local verify=("$sealpress" verify -q -j1 --no-dns --keys "$work/keys")
	for ((i = 0; i < rounds; i++)); do
		forget
		wall ahead "${verify[@]}" "$work/signed.mbox"
		forget
		SEALPRESS_IO=pread wall pread "${verify[@]}" "$work/signed.mbox"
		wall warm "${verify[@]}" "$work/signed.mbox"
	done
	ratio "verify an mbox, cold, rate of warm" warm.wall ahead.wall
	ratio "the same against reads through the page cache" \
		pread.wall ahead.wall
	rm "$work/signed.mbox"
	TMPDIR=$PWD/$work "$sealpress" bench read-files-cold | awk '
		/read-files-cold +io_uring/ {
			print "| read small files, cold, against a loop of" \
				" open, read, close | " $(NF - 1) \
				" | spread " $NF " |"
		}'
}

part_many() {
	"$B/mkcorpus" --count 10000 --mean-kb 2 "$fast/few.mbox"
	for ((i = 0; i < 100; i++)); do
		cat "$fast/few.mbox"
	done >"$fast/many.mbox"
	for ((i = 0; i < rounds; i++)); do
		cpu few sign 1 "$fast/few.mbox" /dev/null "${ed[@]}"
	done
	cpu one sign 1 "$fast/many.mbox" /dev/null "${ed[@]}"
	for ((i = 0; i < rounds; i++)); do
		awk '{ print $1 / 100 }' "$work/one.cpu"
	done >"$work/many.cpu"
	ratio "Ed25519, 2 KB, rate at 1,000,000 messages of that at 10,000" \
		few.cpu many.cpu
	rm "$fast"/*.mbox
}

# Repeats messages of all sizes until it is 10 GB long; most of them are a
# header and a hole, so that it takes some 10 MB of disk.
sparse_mbox() {
	perl -e '
		my ($out, $at) = (shift, 0);
		my @bytes = (300, 20_000, 200_000, 1_900_000, 2_097_000,
			30_000_000);
		open my $mbox, ">", $out or die "$out: $!";
		while ($at < 10 << 30) {
			my $bytes = shift @bytes;
			push @bytes, $bytes;
			my $top = "From a\@example.com Fri Sep 13 08:00:00" .
				" 2024\nFrom: a\@example.com\nSubject: $at\n\n";
			sysseek $mbox, $at, 0;
			syswrite $mbox, $top;
			$at += length($top) + $bytes;
			sysseek $mbox, $at, 0;
			syswrite $mbox, "\n\n";
			$at += 2;
		}' "$1"
}

peak() { # WORDS COMMAND...
	local words=$1
	shift
	/usr/bin/time -f %M -o "$work/peak" "$@"
	echo "| $words | $(($(tail -n 1 "$work/peak") / 1024)) MiB | |"
}

part_memory() {
	sparse_mbox "$work/sparse.mbox"
	echo "| of a sparse mbox of $(du -m --apparent-size \
		"$work/sparse.mbox" | cut -f 1) MiB, on disk |" \
		"$(du -m "$work/sparse.mbox" | cut -f 1) MiB | |"
	peak "sign it with Ed25519, -j2" "$sealpress" sign -q -j2 "${ed[@]}" \
		-o /dev/null "$work/sparse.mbox"
	rm "$work/sparse.mbox"
	"$B/mkcorpus" --count 5000 --mean-kb 20 "$fast/in.mbox"
	for ((i = 0; i < 100; i++)); do
		cat "$fast/in.mbox"
	done | peak "sign an mbox of 10 GB that comes down a pipe, -j2" \
		"$sealpress" sign -q -j2 "${ed[@]}" -o /dev/null -
	rm "$fast/in.mbox"
}

prepare
for part; do
	"part_$part"
done
