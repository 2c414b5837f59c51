#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sealpress bench: items, filters, the members of its JSON. What is measured
# here says nothing; only that everything can be.
. tests/cli/lib.sh

run bench --list
is "the list: exit status" "$status" 0
ok "the list: GROUP/NAME VARIANT BASELINE, no two alike" perl -e '
	my %seen;
	while (<>) {
		m{^(crypto|canon|io|engine)/[a-z0-9-]+ \S+ \S+$} && !$seen{$_}++
			or die $_;
	}
	die "few" if $. < 60' out
for item in "crypto/rsa2048-sign " "crypto/ed25519-verify-hot " \
	"crypto/sha256-16x16k " "canon/header " "io/mbox-scan " \
	"engine/sign-rsa2048 " "engine/keycache-hit "; do
	ok "the list has $item" grep -qF "$item" out
done
sort out >all

run bench canon/ io/mbox --list
is "filters: parts of names, any of them" "$(sort out)" \
	"$(grep -e canon/ -e io/mbox all)"

# Folders of its own are made, and removed, here.
mkdir tmp
export TMPDIR=$PWD/tmp
run bench --json --time 1 engine sha256-1x base64-encode-256 mbox-scan \
	header read-files relaxed-html-2k
is "measuring: exit status" "$status" 0
ok "JSON: every member, numbers that can be" perl -MJSON::PP -ne '
	my $r = decode_json($_);
	my %unit = ("ops/s" => 1, "GB/s" => 1, us => 1);
	$unit{$r->{unit}} or die $_;
	for (qw(value baseline_value ratio rounds cycles ghz)) {
		$r->{$_} > 0 or die "$_: $_";
	}
	$r->{spread} >= 0 && $r->{name} && $r->{variant} && $r->{baseline}
		or die $_;' out
ok "ratio and values agree" perl -MJSON::PP -ne '
	my $r = decode_json($_);
	my $q = $r->{value} / $r->{baseline_value};
	$q = 1 / $q if $r->{unit} eq "us";
	die $_ unless $q / $r->{ratio} > 0.2 && $q / $r->{ratio} < 5' out

run bench --time 1 crypto/base64
is "the table: a line each under a heading" "$(grep -c ' openssl ' out)" \
	"$(grep -c crypto/base64- all)"
ok "the table: a heading" grep -q '^name .*variant .*ratio' out

run bench --once header-canon engine/keyrecord --cpu scalar
is "--once: names what was run" "$(sed 's/ .*//' out)" \
	"canon/header-canon
engine/keyrecord-parse"
run bench --list --cpu scalar
ok "--cpu scalar leaves no other kernel" \
	sh -c '! grep -E "ifma|avx|vbmi|sha-ni" out'

mkfifo a b
exec 3<>a
echo -n turn >&3
"$SEALPRESS" bench --pair a,b --time 5 base64-decode >first &
run bench --pair b,a --time 5 base64-decode
is "a pair: exit status" "$status" 0
ok "a pair: the other one is done too" wait $!
exec 3>&-
is "a pair: both measured all" "$(grep -c '"samples":\[' first out)" \
	"first:2
out:2"
is "a pair: as many samples of the one as of the other" \
	"$(tr -dc ',\n' <first)" "$(tr -dc ',\n' <out)"
refused "a pair with nobody" "No such file" bench --pair x,y base64
refused "one FIFO" "write two FIFOs" bench --pair a base64

# An interrupt in the middle of it leaves no folder either.
"$SEALPRESS" bench --time 60000 io/read-files >/dev/null 2>&1 &
for ((i = 0; i < 200; i++)); do
	[ -z "$(ls tmp)" ] || break
	sleep 0.05
done
ok "interrupted: the folder was there" [ -n "$(ls tmp)" ]
kill -TERM $!
status=0
wait $! || status=$?
is "interrupted: exit status" "$status" 143

refused "no such item" "nothing is called 'rsa2047'" bench rsa2047
refused "no time" "--time" bench --time 0 base64
refused "too much time" "--time" bench --time 60001 base64
refused "an unknown option" "--jsn" bench --jsn
is "nothing is left behind" "$(ls tmp)" ""
finish
