#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/budget.sh: where the time of a message goes, stage by stage, as
# sealpress measures it itself (--stats), and how soon a netstring stream
# answers. B=build/release bench/budget.sh prints Markdown for RESULTS.md.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
takes_nothing "$@"
needs_program

# Short rounds and many of them: the least of them was not disturbed.
count=250 rounds=${ROUNDS:-25}
flood_count=3000 flood_rounds=5
sealpress=$B/sealpress
work=build/bench/budget
domain=example.com
rsa=(--key "$work/rsa.pem" --domain "$domain" --selector rsa)
ed=(--key "$work/ed.pem" --domain "$domain" --selector ed)

prepare() {
	rm -rf "$work"
	mkdir -p "$work"
	"$sealpress" keygen -q --domain "$domain" --selector rsa \
		-o "$work/rsa.pem" >"$work/keys"
	"$sealpress" keygen -q --domain "$domain" --selector ed --type ed25519 \
		-o "$work/ed.pem" >>"$work/keys"
	"$B/mkcorpus" --count "$count" --mean-kb 20 "$work/in.mbox"
	"$B/mkcorpus" --count "$flood_count" --mean-kb 20 "$work/many.mbox"
	"$sealpress" sign --quiet "${rsa[@]}" -o "$work/signed.mbox" \
		"$work/in.mbox"
	# It was written past the page cache, and would be read past it.
	cat "$work/signed.mbox" >/dev/null
}

sign() { # KEY-OPTION... : signs the corpus
	"$sealpress" sign -q -j1 "$@" -o "$work/out.mbox" "$work/in.mbox"
}

verify() { # OPTION...
	"$sealpress" verify -q -j1 --no-dns --keys "$work/keys" "$@" \
		"$work/signed.mbox"
}

measure() {
	for ((i = 0; i < rounds; i++)); do
		sign "${rsa[@]}" --stats "json:$work/1.$i.json"
		sign "${ed[@]}" --stats "json:$work/2.$i.json"
		verify --stats "json:$work/3.$i.json"
	done
}

# Of each stage the round in which it took least: what is more was not its own.
table() {
	perl -MJSON::PP -e '
		my ($work, $rounds) = @ARGV;
		my @stages = qw(read split begin bodies keys compose headers
			lanes finish deliver format commit wait);
		my @columns;
		for my $kind (1 .. 3) {
			my ($one, %least);
			for my $round (0 .. $rounds - 1) {
				open my $in, "<", "$work/$kind.$round.json"
					or die $!;
				$one = decode_json(do { local $/; <$in> });
				for my $stage (@stages) {
					my $us = 1e6 / $one->{messages} *
						$one->{stages}{$stage}{seconds};
					$least{$stage} = $us
						if $us < ($least{$stage} // 9e9);
				}
			}
			$one->{least} = \%least;
			$one->{us} += $_ for values %least;
			push @columns, $one;
		}
		print "| us per message | sign RSA-2048 | sign Ed25519 |",
			" verify RSA-2048 |\n|---|---|---|---|\n";
		for my $stage (@stages) {
			printf "| %s | %s |\n", $stage, join " | ", map {
				sprintf "%.2f", $_->{least}{$stage}
			} @columns;
		}
		printf "| **all** | %s |\n", join " | ",
			map { sprintf "**%.1f**", $_->{us} } @columns;
		printf "| readings of the clock | %s |\n", join " | ", map {
			my $calls = 0;
			$calls += $_->{calls} for values %{$_->{stages}};
			sprintf "%.2f", $calls / $_->{messages};
		} @columns;
		printf "| messages in a batch | %s |\n", join " | ", map {
			sprintf "%.1f", $_->{messages} /
				$_->{stages}{split}{calls};
		} @columns;
	' "$work" "$rounds"
}

middle() {
	sort -n | sed -n "$(((flood_rounds + 1) / 2))p"
}

openssl_us() { # one RSA-2048 signature
	openssl speed -seconds 1 -mr rsa2048 2>/dev/null |
		awk -F: '/^[+]F2:/ { printf "%.0f\n", 1e6 / $4 }'
}

stream() { # MODE MBOX
	bench/netstring.pl "$1" "$2" "$sealpress" sign -q -j1 "${rsa[@]}" \
		--format netstring -
}

file_rate() { # messages per CPU second of the same work on an mbox
	local spent
	TIMEFORMAT='%U %S'
	spent=$({ time "$sealpress" sign -q -j1 "${rsa[@]}" -o - \
		"$work/many.mbox" > >(cat >/dev/null); } 2>&1)
	awk -v n="$flood_count" '{ printf "%.0f\n", n / ($1 + $2) }' <<<"$spent"
}

latency() {
	for ((i = 0; i < flood_rounds; i++)); do
		openssl_us >>"$work/openssl"
		stream trickle "$work/in.mbox" >>"$work/trickle"
		file_rate >>"$work/file"
		stream flood "$work/many.mbox" >>"$work/flood"
	done
	echo "| netstring stream, RSA-2048, -j1 | |"
	echo "|---|---|"
	echo "| trickle: from the message to its answer |" \
		"$(middle <"$work/trickle") us |"
	echo "| one signature of \`openssl speed rsa2048\` |" \
		"$(middle <"$work/openssl") us |"
	echo "| flood | $(middle <"$work/flood") messages/CPU s |"
	echo "| the same from an mbox to a pipe |" \
		"$(middle <"$work/file") messages/CPU s |"
}

prepare
measure
table
echo
latency
