#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/dns.sh: keys from DNS on loopback against the same keys from a file, in
# turn; queries per name; and names that take 200 ms each. RSA-2048 messages of
# about 2 KB. Needs NSD. MESSAGES, NAMES, ROUNDS change what is done.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
takes_nothing "$@"
needs_program

messages=${MESSAGES:-100000}
names=${NAMES:-20000}
rounds=${ROUNDS:-3}
late_names=10000
window=2000
PATH=$PATH:/usr/sbin
type -P nsd >/dev/null || { echo "nsd is not installed" >&2; exit 1; }

sealpress=$PWD/$B/sealpress
key=$PWD/corpus/keys/rsa2048.pem
stub=$PWD/bench/stub_dns.pl
work=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT
cd "$work"
cp "$key" key.pem
chmod 600 key.pem
public=$(openssl pkey -in key.pem -pubout -outform DER | base64 -w 0)
value="v=DKIM1; k=rsa; p=$public"

# mail MESSAGES NAMES FILE: signed, name after name.
mail() {
	perl -e '
		my ($messages, $names) = @ARGV;
		my $body = join "\n", map { "x" x 70 } 1 .. 20;
		printf "From x Fri Sep 13 08:00:00 2024\n" .
			"From: u%d\@example.com\nSubject: %d\n\n%s\n\n",
			$_ % $names, $_, $body for 0 .. $messages - 1;
		open my $keys, ">", "key.table" or die;
		print $keys "k$_ example.com:n$_:key.pem\n" for 0 .. $names - 1;
		open my $signers, ">", "signing.table" or die;
		print $signers "u$_\@example.com k$_\n" for 0 .. $names - 1;
		' "$1" "$2" >plain.mbox
	"$sealpress" sign -q --key-table key.table \
		--signing-table signing.table -o "$3" plain.mbox
	rm plain.mbox
}

# timed ARGUMENT...: seconds of one verification; all must pass.
timed() {
	"$sealpress" verify "$@" >out || { cat out >&2; exit 1; }
	perl -ne 'print "$1\n" if / in ([\d.]+) s:/' out
}

median() {
	sort -n | perl -e 'my @v = <>; print $v[$#v / 2]'
}

mail "$messages" "$names" mail.mbox
for ((i = 0; i < names; i++)); do
	printf 'n%d._domainkey.example.com\t%s\n' "$i" "$value"
done >keys.tsv
{
	# shellcheck disable=SC2016 # zone file, not shell
	printf '$ORIGIN example.com.\n$TTL 3600\n@ SOA ns a 1 1 1 1 60\n@ NS ns\nns A 127.0.0.1\n'
	for ((i = 0; i < names; i++)); do
		printf 'n%d._domainkey TXT "%s" "%s"\n' "$i" "${value:0:200}" \
			"${value:200}"
	done
} >example.com.zone
port=$((20000 + RANDOM % 10000))
cat >nsd.conf <<CONF
server:
  ip-address: 127.0.0.1
  port: $port
  username: ""
  chroot: ""
  zonesdir: "$work"
  database: ""
  pidfile: "$work/nsd.pid"
  logfile: "$work/nsd.log"
  xfrdfile: "$work/nsd.xfrd"
  zonelistfile: "$work/nsd.list"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: example.com
  zonefile: example.com.zone
CONF
nsd -d -c nsd.conf >/dev/null 2>&1 &
servers+=($!)
sleep 2

for ((i = 0; i < rounds; i++)); do
	timed --keys keys.tsv mail.mbox >>file.s
	timed --resolver "127.0.0.1#$port" mail.mbox >>dns.s
	perl -ne 'print "$1 $2\n" if /dns: (\d+) names, (\d+) queries/' out \
		>>queries
done
perl -e 'printf "%d messages, %d names: file %.2f s, DNS %.2f s, rate %.2f\n",
	@ARGV, $ARGV[2] / $ARGV[3]' "$messages" "$names" \
	"$(median <file.s)" "$(median <dns.s)"
perl -ane '$n += $F[0]; $q += $F[1];
	END { printf "queries per name: %.4f\n", $q / $n }' queries

mail "$late_names" "$late_names" late.mbox
perl "$stub" "$value" 200 >stub.port &
servers+=($!)
sleep 1
for ((i = 0; i < rounds; i++)); do
	timed --resolver "127.0.0.1#$(cat stub.port)" \
		--dns-window "$window" late.mbox >>late.s
done
perl -e 'my ($names, $window, $s) = @ARGV;
	my $ideal = $names * 0.2 / $window;
	printf "%d names of 200 ms, window %d: %.2f s, ideal %.2f s, ratio %.2f\n",
		$names, $window, $s, $ideal, $s / $ideal' \
	"$late_names" "$window" "$(median <late.s)"
