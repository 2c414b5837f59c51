# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Keys from DNS: real name servers (NSD, Unbound) on loopback.
keys=$PWD/corpus/keys
. tests/cli/lib.sh

servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT
PATH=$PATH:/usr/sbin

# A port of loopback that is free for UDP and TCP.
free_port() {
	perl -MIO::Socket::INET -e '
		for (1 .. 100) {
			my $tcp = IO::Socket::INET->new(Listen => 1,
				LocalAddr => "127.0.0.1") or next;
			my $port = $tcp->sockport;
			IO::Socket::INET->new(Proto => "udp",
				LocalAddr => "127.0.0.1", LocalPort => $port)
				or next;
			print $port;
			exit 0;
		}
		exit 1'
}

# await PORT: until a name server answers there.
await() {
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(Proto => "udp",
			PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) or exit 1;
		for (1 .. 200) {
			send($s, "\0\1\1\0\0\1\0\0\0\0\0\0" .
				"\x09localhost\0\0\1\0\1", 0);
			my $in = "";
			vec($in, fileno($s), 1) = 1;
			exit 0 if select($in, undef, undef, 0.1) > 0 &&
				defined recv($s, my $b, 512, 0);
			select(undef, undef, undef, 0.05);
		}
		exit 1' "$1"
}

# start_nsd PORT ZONE...: serves ZONE from ZONE.zone; leaves the id in $nsd.
start_nsd() {
	local port=$1 zone
	shift
	{
		cat <<-CONF
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
			  server-count: 1
			  ipv4-edns-size: 1232
			  rrl-ratelimit: 0
			remote-control:
			  control-enable: no
		CONF
		for zone; do
			printf 'zone:\n  name: "%s"\n  zonefile: "%s.zone"\n' \
				"$zone" "$zone"
		done
	} >nsd.conf
	nsd -d -c nsd.conf >/dev/null 2>&1 &
	nsd=$!
	servers+=("$nsd")
	await "$port"
}

soa() {
	cat <<-ZONE
		\$ORIGIN $1.
		\$TTL 3600
		@ IN SOA ns.$1. admin.$1. 1 3600 600 86400 120
		@ IN NS ns.$1.
		ns IN A 127.0.0.1
	ZONE
}

# key NAME FILE TYPE: NAME.pem of the tests' keys, and $value_NAME, its
# record's strings. Making them takes too long.
key() {
	local strings
	cp "$keys/$2.pem" "$1.pem" && chmod 600 "$1.pem"
	strings="\"v=DKIM1; k=$3; p=\" $(openssl pkey -in "$1.pem" -pubout \
		-outform DER | tail -c "${4:-+1}" | base64 -w 200 |
		sed 's/.*/"&"/' | tr '\n' ' ')"
	printf -v "value_$1" %s "$strings"
}

# signed FILE DOMAIN SELECTOR KEY
signed() {
	message 1 | sed "s/example.com/$2/" | "$SEALPRESS" sign -q --key "$4" \
		--domain "$2" --selector "$3" - >"$1"
}

# verdict FILE OPTION...: "result reason source dnssec" of its signature.
verdict() {
	local file=$1
	shift
	"$SEALPRESS" verify "${dns[@]}" "$@" --report ndjson:record.json \
		"$file" 2>err
	json record.json 'my $s = $r->{signatures}[0];
		"$s->{result} $s->{reason} $s->{key_source} $s->{key_dnssec}"'
}

key rsa rsa2048 rsa
key big rsa4096 rsa
key ed ed25519 ed25519 32
"$SEALPRESS" keygen --domain k --selector k --type ed25519 -o other.pem \
	2>/dev/null >other.zone
value_other=$(grep -v '^;' other.zone | grep -o '"[^"]*"' | tr '\n' ' ')

# What needs no name server: nobody listens on a port that was just free.
dns=(--dns --resolver "127.0.0.1#$(free_port)" --dns-timeout 1)
signed m.eml example.com s1 rsa.pem
is "no name server: temperror" "$(verdict m.eml)" \
	"temperror dns-timeout dns unknown"
run verify "${dns[@]}" m.eml
is "no name server: exit status" "$status" 1
ok "no name server: counted in the reasons" grep -q "dns-timeout 1" out
ok "no name server: counted by the resolver" grep -q "1 without an answer" out
printf 's1._domainkey.example.com\t%s\n' "${value_rsa//[\" ]/}" >keys.tsv
is "a key file goes before DNS" "$(verdict m.eml --keys keys.tsv)" \
	"pass ok file unknown"
run verify --keys keys.tsv m.eml
is "with a key file alone nobody is asked" "$status" 0
for cache in "" "sealpress key cache 1" "some other file"; do
	printf '%s\n' "$cache" >bad.cache
	refused "key cache '$cache'" bad.cache \
		verify "${dns[@]}" --key-cache bad.cache m.eml
done

if ! type -P nsd >/dev/null; then
	skip "keys from NSD" "nsd is not installed"
	finish
	exit 0
fi

# Everything a zone can do to a verifier.
{
	soa example.com
	echo "s1._domainkey IN TXT $value_rsa"
	echo "ed._domainkey IN TXT $value_ed"
	echo "big._domainkey IN TXT $value_big"
	for i in 1 2 3; do
		echo "several._domainkey IN TXT \"n=$i\" $value_big"
	done
	echo "several._domainkey IN TXT $value_rsa"
	echo 'several._domainkey IN TXT "v=spf1 -all"'
	echo 'revoked._domainkey IN TXT "v=DKIM1; p="'
	echo 'broken._domainkey IN TXT "v=DKIM1; p=*"'
	echo 'bytes._domainkey IN TXT "v=DKIM1; p=\200\255\000"'
	echo "wrong._domainkey IN TXT $value_other"
	echo "alias._domainkey IN CNAME s1._domainkey"
	for ((i = 0; i < 20; i++)); do
		echo "deep$i._domainkey IN CNAME deep$((i + 1))._domainkey"
	done
	echo "deep20._domainkey IN CNAME s1._domainkey"
	# A modulus of 16384 bits, all of them ones.
	perl -MMIME::Base64 -e '
		sub der {
			my ($tag, $data) = @_;
			my $size = length $data;
			return chr($tag) . ($size < 128 ? chr $size
				: pack "Cn", 0x82, $size) . $data;
		}
		my $key = der(0x30, der(2, "\0" . "\xff" x 2048) . der(2, "\1\0\1"));
		my $text = "v=DKIM1; p=" . encode_base64(der(0x30, der(0x30,
			"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00")
			. der(3, "\0$key")), "");
		print "giant._domainkey IN TXT ",
			join(" ", map { "\"$_\"" } $text =~ /.{1,255}/g), "\n"'
	echo "away._domainkey IN CNAME s1._domainkey.provider.test."
	echo "loop1._domainkey IN CNAME loop2._domainkey"
	echo "loop2._domainkey IN CNAME loop1._domainkey"
	echo 'nodata._domainkey IN A 127.0.0.1'
	for ((i = 0; i < 700; i++)); do
		echo "flood._domainkey IN TXT \"v=DKIM1; n=$i; p=\""
	done
	printf 'huge._domainkey IN TXT '
	for ((i = 0; i < 240; i++)); do
		printf '"%s" ' "$(printf '%0250d' "$i")"
	done
	echo
	for ((i = 0; i < 5000; i++)); do
		echo "n$i._domainkey IN TXT $value_ed"
	done
} >example.com.zone
{
	soa provider.test
	echo "s1._domainkey IN TXT $value_rsa"
} >provider.test.zone
{
	soa dname.test
	echo "_domainkey IN DNAME _domainkey.example.com."
} >dname.test.zone
port=$(free_port)
start_nsd "$port" example.com provider.test dname.test lame.test
dns=(--resolver "127.0.0.1#$port" --dns-timeout 5)

# SELECTOR DOMAIN KEY VERDICT
while read -r selector domain pem expected; do
	signed "$selector.eml" "$domain" "$selector" "$pem.pem"
	is "$selector of $domain" "$(verdict "$selector.eml")" "$expected"
done <<'CASES'
s1 example.com rsa pass ok dns insecure
ed example.com ed pass ok dns insecure
big example.com big pass ok dns insecure
several example.com rsa pass ok dns insecure
revoked example.com rsa permerror key-revoked dns insecure
broken example.com rsa permerror key-syntax dns insecure
bytes example.com rsa permerror key-syntax dns insecure
wrong example.com ed fail signature-mismatch dns insecure
alias example.com rsa pass ok dns insecure
away example.com rsa pass ok dns insecure
deep0 example.com rsa temperror dns-failure dns unknown
deep16 example.com rsa pass ok dns insecure
giant example.com rsa policy key-too-large dns insecure
loop1 example.com rsa temperror dns-failure dns unknown
nodata example.com rsa permerror key-not-found dns insecure
nxdomain example.com rsa permerror key-not-found dns insecure
flood example.com rsa permerror key-revoked dns insecure
huge example.com rsa permerror key-syntax dns insecure
s1 dname.test rsa pass ok dns insecure
s1 lame.test rsa temperror dns-failure dns unknown
s1 elsewhere.test rsa temperror dns-failure dns unknown
CASES

# 5,000 names, each with a message of its own, then all of it once more.
perl -e 'print "k$_ example.com:n$_:ed.pem\n" for 0 .. 4999' >key.table
perl -e 'print "u$_\@example.com k$_\n" for 0 .. 4999' >signing.table
perl -e 'for my $i (0 .. 4999, 0 .. 4999) {
	print "From x Fri Sep 13 08:00:00 2024\nFrom: u$i\@example.com\n",
		"Subject: message $i\n\nHello.\n\n" }' >plain.mbox
"$SEALPRESS" sign -q --key-table key.table --signing-table signing.table \
	-o many.mbox plain.mbox
run verify "${dns[@]}" --key-cache keys.cache many.mbox
is "5,000 names: exit status" "$status" 0
ok "5,000 names: all pass" grep -q "^results: pass 10000$" out
ok "5,000 names: each is asked for once" perl -ne '
	$once = 1 if /^dns: 5000 names, (\d+) queries, (\d+) retries/ &&
		$1 - $2 == 5000;
	END { exit !$once }' out
for jobs in 1 4; do
	"$SEALPRESS" verify -q "${dns[@]}" -j "$jobs" --report ndjson:r$jobs.json \
		many.mbox
done
ok "reports do not depend on --jobs" cmp r1.json r4.json
is "reports say how long a key may be kept" \
	"$(json r1.json '$r->{signatures}[0]{key_ttl}' | sort -u)" 3600
"$SEALPRESS" verify -q "${dns[@]}" --dns-window 3 --dns-qps 2000 -j 3 \
	--report ndjson:small.json s1.eml ed.eml alias.eml nxdomain.eml
is "a window of three: exit status" "$?" 1
is "a window of three: all there" "$(grep -c '' small.json)" 4

# What was kept serves the next run; nobody needs to be there.
kill "$nsd"
wait "$nsd" 2>/dev/null
run verify --resolver "127.0.0.1#$port" --dns-timeout 1 \
	--key-cache keys.cache many.mbox
is "the key cache serves the next run" "$status" 0
ok "the key cache serves the next run: nobody is asked" \
	eval '! grep -q "^dns:" out'
perl -0777 -pi -e 'substr($_, 4000, 1) ^= "\1"' keys.cache
refused "a damaged key cache" "keys.cache: the key cache is damaged; remove it" \
	verify "${dns[@]}" --key-cache keys.cache s1.eml
run verify "${dns[@]}" --dns-timeout 1 many.mbox
is "nobody there: exit status" "$status" 1
ok "nobody there: counted" grep -q "dns-timeout 10000" out

if ! type -P unbound ldns-signzone ldns-keygen >/dev/null; then
	skip "DNSSEC through Unbound" "unbound or ldnsutils is not installed"
	finish
	exit 0
fi

# A signed zone, one that is not signed, and one whose signatures are wrong,
# through a validating resolver.
sign_zone() { # NAME
	local keyname
	keyname=$(ldns-keygen -r /dev/urandom -a ECDSAP256SHA256 -k "$1") &&
		ldns-signzone -f "$1.zone" "$1.plain" "$keyname" &&
		cat "$keyname.ds" >>anchors
}
for zone in secure.test bogus.test; do
	{
		soa "$zone"
		echo "s1._domainkey IN TXT $value_rsa"
	} >"$zone.plain"
	ok "ldns signs $zone" sign_zone "$zone"
done
# The key is exchanged after it was signed.
perl -pi -e 's/"MII/"NII/' bogus.test.zone
{
	soa insecure.test
	echo "s1._domainkey IN TXT $value_rsa"
} >insecure.test.zone
start_nsd "$port" secure.test bogus.test insecure.test
validator=$(free_port)
{
	cat <<-CONF
		server:
		  interface: 127.0.0.1@$validator
		  do-daemonize: no
		  username: ""
		  chroot: ""
		  directory: "$work"
		  pidfile: "$work/unbound.pid"
		  use-syslog: no
		  logfile: "$work/unbound.log"
		  module-config: "validator iterator"
		  trust-anchor-file: "$work/anchors"
		  do-not-query-localhost: no
		  access-control: 127.0.0.0/8 allow
		  root-hints: ""
		  num-threads: 1
		  local-zone: "test." nodefault
		remote-control:
		  control-enable: no
	CONF
	for zone in secure.test bogus.test insecure.test; do
		printf 'stub-zone:\n  name: "%s"\n  stub-addr: 127.0.0.1@%s\n' \
			"$zone" "$port"
	done
} >unbound.conf
unbound -d -c unbound.conf >/dev/null 2>&1 &
servers+=($!)
await "$validator"
dns=(--resolver "127.0.0.1#$validator" --dns-timeout 5)
for case in "secure pass ok dns secure" "insecure pass ok dns insecure" \
	"bogus temperror dns-failure dns unknown"; do
	zone=${case%% *}
	signed "$zone.eml" "$zone.test" s1 rsa.pem
	is "DNSSEC: $zone" "$(verdict "$zone.eml")" "${case#* }"
done

finish
