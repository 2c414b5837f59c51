#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sealpress keys: what goes into an archive, what comes out, what it says.
. tests/cli/lib.sh

for command in keys "keys harvest" "keys import" "keys add" "keys list" \
	"keys export" "keys check"; do
	# shellcheck disable=SC2086
	run $command --help
	is "$command --help: exit status" "$status" 0
	ok "$command --help: teaches by example" \
		grep -q "^  sealpress ${command/%keys/keys harvest}" out
	options=$(grep -oE -- '--[a-z][a-z-]+' out | sort -u)
	for option in $options; do
		grep -qF -- "${option#--}" "$expected/../../../docs/sealpress-keys.1" ||
			echo "$option"
	done >missing
	is "$command --help: every option is in the manual" "$(cat missing)" ""
done

refused "keys alone" "no command given" keys
refused "unknown command" "unknown command 'keys find'" keys find
refused "nearly a command" "did you mean 'keys list'?" keys lst
"$SEALPRESS" keys help list >help
"$SEALPRESS" keys list --help >list
ok "keys help list is keys list --help" cmp help list
refused "import nowhere" "give -o ARCHIVE" keys import x
refused "import nothing" "no FILE given" keys import -o keys.db
refused "import what is not there" "nothing.zone: cannot be opened" \
	keys import -o k.db nothing.zone
refused "times the wrong way round" "swap them" \
	keys import -o k.db --first-seen 20 --last-seen 10 nothing.zone
refused "bad time" "neither Unix seconds nor" \
	keys import -o k.db --first-seen yesterday nothing.zone
refused "a name that is none" "is no name of a key" \
	keys add -o k.db www.example.com x
refused "add without value" "give one NAME and one VALUE" \
	keys add -o k.db s._domainkey.example.com
refused "list without archive" "give one ARCHIVE" keys list
echo lib >lib
refused "list of a key file" "no key archive" keys list lib
refused "list in an odd form" "choose from text, ndjson, csv" \
	keys list --as xml k.db
refused "check in an odd form" "choose from text, ndjson" \
	keys check --as csv --keys k.db
refused "check without keys" "give --keys FILE or --resolve" keys check
refused "--resolver alone" "--resolver goes with --resolve" \
	keys harvest --resolver 127.0.0.1 x.mbox
refused "--dns-qps alone" "go with --resolve" keys harvest --dns-qps 7 x.mbox
refused "a resolver that is none" "is no address" \
	keys harvest --resolve --resolver dns.example x.mbox
refused "all keys of the DNS" "--resolve goes with NAME or INPUT" \
	keys check --resolve
refused "harvest nothing" "no input given" keys harvest
rm -f k.db

make_keys
run keys import -o keys.db --first-seen 2020-01-01T00:00:00Z \
	--last-seen 2020-12-31T00:00:00Z --note "first" keys.zone
is "import: exit status" "$status" 0
is "import: says what it did" "$(cat out)" \
	"keys.db: 2 keys added, 0 known for longer now, 0 known already"
run keys import -o keys.db --first-seen 1600000000 --last-seen 1700000000 \
	keys.zone
is "import again: the same keys, seen for longer" "$(cat out)" \
	"keys.db: 0 keys added, 2 known for longer now, 0 known already"
run keys list keys.db
is "list: a line per key" "$(cat out)" \
	"e1._domainkey.example.com 2020-01-01 2023-11-14 ed25519 file unknown # first
s1._domainkey.example.com 2020-01-01 2023-11-14 rsa-2048 file unknown # first"
run keys list keys.db 's1.*'
is "list: of a pattern" "$(wc -l <out)" 1

# Other forms, and back.
odd=$(printf 'v=DKIM1; k="\\x"; n=\xc3\xa9\xff,\r\n; p=')
run keys add -o keys.db --source hand --note 'a,"b"' --first-seen 5 \
	--last-seen 6 s2._domainkey.Example.COM. "$odd"
is "add: exit status" "$status" 0
ok "add: warns of what is no key" grep -q 'no usable key (key-syntax)' err
for form in ndjson csv; do
	"$SEALPRESS" keys list --as $form keys.db >keys.$form
	run keys import -o from-$form.db keys.$form
	is "$form: all comes back" "$status $(cat out)" \
		"0 from-$form.db: 3 keys added, 0 known for longer now, 0 known already"
	"$SEALPRESS" keys list --as ndjson from-$form.db >back.ndjson
	"$SEALPRESS" keys list --as ndjson keys.db >all.ndjson
	ok "$form: byte for byte" cmp all.ndjson back.ndjson
done
is "ndjson: members" "$(json all.ndjson 'join " ", sort keys %$r' | tail -n 1)" \
	"dnssec first_seen last_seen name note source value value_base64"
for form in zone keys; do
	"$SEALPRESS" keys export --as $form keys.db >back.$form
	run keys import -o from-$form.db back.$form
	is "export as $form: comes back" "$status $(head -n 1 out)" \
		"0 from-$form.db: 3 keys added, 0 known for longer now, 0 known already"
	is "export as $form: the same values" \
		"$("$SEALPRESS" keys list --as ndjson from-$form.db | json /dev/stdin '$r->{value_base64} // $r->{value}')" \
		"$(json all.ndjson '$r->{value_base64} // $r->{value}')"
done
is "export: of a time" \
	"$("$SEALPRESS" keys export --at 1650000000 keys.db | grep -c '^; seen 2020-01-01 to 2023-11-14')" 2
run keys import -o merged.db keys.db from-csv.db
is "archives are imported, too" "$(cat out)" \
	"merged.db: 3 keys added, 0 known for longer now, 3 known already"

# What is no key is passed over; what has a fault changes nothing.
cat >odd.zone <<-'ZONE'
	www.example.com. IN TXT "v=spf1 -all"
	a._domainkey.example.com. IN TXT "v=DKIM1; p="
ZONE
run keys import -o odd.db odd.zone
ok "other records are passed over" grep -q '^1 record passed over' out
printf '\357\273\277name,value\r\nm._domainkey.example.com,v=DKIM1; p=\r\n' \
	>mark.csv
run keys import -o mark.db mark.csv
is "CSV of a spreadsheet, with its mark" "$status $(cat out)" \
	"0 mark.db: 1 key added, 0 known for longer now, 0 known already"
printf '%s\n' '{"name":"b._domainkey.example.com","value":"x"}' '{' >bad.ndjson
refused "bad JSON" "bad.ndjson:2: is no JSON object" keys import -o odd.db bad.ndjson
is "of a file with a fault nothing is taken" \
	"$("$SEALPRESS" keys list odd.db | wc -l)" 1
echo '{"name":"b._domainkey.example.com"}' >bad.ndjson
refused "JSON without value" "has no value" keys import -o odd.db bad.ndjson
echo '{"name":"b._domainkey.example.com","value":"x","dnssec":"maybe"}' >bad.ndjson
refused "JSON with an odd value" "the value of dnssec does not fit" \
	keys import -o odd.db bad.ndjson
echo '{"name":"b._domainkey.example.com","value":"x","first_seen":9,"last_seen":8}' >bad.ndjson
refused "JSON with times swapped" "first seen after it was last seen" \
	keys import -o odd.db bad.ndjson
printf 'name,value\na,"b\n' >bad.csv
refused "bad CSV" "is no CSV; close each quote" keys import -o odd.db bad.csv
printf 'name,value\na,b,c\n' >bad.csv
refused "CSV with a column too many" "bad.csv:2: has 3 values where the first line has 2" \
	keys import -o odd.db bad.csv

# The public halves of private keys.
cat >KeyTable <<-TABLE
	one example.com:k1:./s1.pem
	two example.net:k2:./e1.pem
	any %:k3:./s1.pem
TABLE
run keys import -o table.db --format keytable KeyTable
is "key table: exit status" "$status" 0
ok "key table: a key per domain is passed over" grep -q 'passed over' err
is "key table: public halves" \
	"$("$SEALPRESS" keys list table.db | cut -d' ' -f1,4)" \
	"k1._domainkey.example.com rsa-2048
k2._domainkey.example.net ed25519"
run keys check --keys table.db --key s1.pem k1._domainkey.example.com
is "key table: they are the halves" "$status $(cat out)" \
	"0 k1._domainkey.example.com: ok: the public half of this key is published"

# Is the right key published?
p=$(sed -n 's/^; v=DKIM1.*p=//p' keys.zone | head -n 1)
check() { # WORDS VALUE...
	local words=$1
	shift
	printf 'c._domainkey.example.com\t%s\n' "$@" >c.keys
	run keys check --keys c.keys --key s1.pem c._domainkey.example.com
	is "check: $words" "$status $(sed 's/^[^:]*: \([^:]*\):.*/\1/' out | tr '\n' ' ')" \
		"$words "
}
small=$(openssl genrsa -traditional 512 2>/dev/null | openssl rsa -pubout -outform DER 2>/dev/null | base64 -w0)
check "0 ok" "v=DKIM1; k=rsa; p=$p"
check "0 ok" "p=${p:0:100}  ${p:100}"
check "0 testing ok" "v=DKIM1; t=y; p=$p"
check "1 revoked" "v=DKIM1; p="
check "1 wrong-type" "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
check "1 other-key" "v=DKIM1; p=$small"
check "1 extra-quotes" "\"v=DKIM1; p=${p:0:200}\" \"${p:200}\""
check "1 extra-quotes" "v=DKIM1\\\\; p=$p"
check "1 cut-off" "v=DKIM1; p=${p:0:200}"
check "1 split-wrongly several-records" "v=DKIM1; p=${p:0:200}" "${p:200}"
check "1 split-wrongly" "${p:200}v=DKIM1; p=${p:0:200}"
check "1 split-wrongly" "v=DKI M1; p=$p"
check "1 several-records" "v=DKIM1; p=$p" "v=spf1 -all"
check "1 syntax" "v=DKIM1; p=$p\$"
check "1 version" "v=DKIM2; p=$p"
check "1 hash" "v=DKIM1; h=sha1; p=$p"
check "1 service" "v=DKIM1; s=tlsrpt; p=$p"
check "1 missing" "!NXDOMAIN"
check "1 unanswered" "!TIMEOUT"
printf 'd._domainkey.example.com.example.com\tv=DKIM1; p=%s\n' "$p" >c.keys
run keys check --keys c.keys --key s1.pem d._domainkey.example.com
ok "check: a name with the domain twice is found" grep -q 'the domain twice' out
printf 'd._domainkey.example.com\tv=DKIM1; p=%s\n' "$small" >c.keys
run keys check --keys c.keys d._domainkey.example.com
is "check: without a private key" "$status $(cut -d: -f2 out)" "1  too-small"
run keygen --check s1.pem --domain example.com --selector s1 --keys keys.zone
is "keygen --check: the right key" "$status $(cat out)" \
	"0 s1._domainkey.example.com: ok: the public half of this key is published"
run keygen --check s1.pem --domain example.com --selector e1 --keys keys.zone
is "keygen --check: another one" "$status $(cut -d: -f2 out)" "1  wrong-type"
refused "keygen --keys alone" "--keys and --resolve go with --check" \
	keygen --keys keys.zone --domain example.com --selector e1 -o x.pem

# What mail needs.
mbox 6 >in.mbox
"$SEALPRESS" sign "${rsa[@]}" "${ed[@]}" -o signed.mbox in.mbox
sed 's/ t=[0-9]*;/ t=1500000000;/' signed.mbox >old.mbox
run keys harvest -j 2 old.mbox signed.mbox
is "harvest: names, signatures, days" "$(sed "s/$(date -u +%F)/today/" out)" \
	"e1._domainkey.example.com 12 2017-07-14 today
s1._domainkey.example.com 12 2017-07-14 today"
ok "harvest: a word for people on standard error" \
	grep -q '12 messages, 24 signatures, 2 names' err
run keys harvest --as ndjson --keys keys.zone old.mbox
is "harvest: with answers" "$(json out 'join " ", map { $r->{$_} } qw(name signatures first_used answer)')" \
	"e1._domainkey.example.com 6 1500000000 found
s1._domainkey.example.com 6 1500000000 found"
run keys harvest -o need.db old.mbox
is "harvest -o: nothing is asked without --keys" "$status $(cat out)" \
	"0 6 messages, 12 signatures, 2 names of keys; 0 of them found, 0 keys new to the archive"
run keys list --missing need.db
is "list --missing" "$(cat out)" \
	"e1._domainkey.example.com 6 2017-07-14 2017-07-14
s1._domainkey.example.com 6 2017-07-14 2017-07-14"
run keys check --keys need.db old.mbox
is "check of a corpus: what is missing" "$status $(head -n 1 out)" \
	"1 e1._domainkey.example.com: missing: no key for 6 signatures from 2017-07-14 to 2017-07-14"
run keys check --as ndjson --keys need.db old.mbox
is "check of a corpus as ndjson" "$status $(json out 'join " ", map { $r->{$_} } qw(name finding signatures first_used last_used)' | head -n 1)" \
	"1 e1._domainkey.example.com missing 6 1500000000 1500000000"
run keys harvest --keys keys.zone -o need.db old.mbox
is "harvest --keys -o: all is kept" "$(cat out)" \
	"6 messages, 12 signatures, 2 names of keys; 2 of them found, 2 keys new to the archive"
run keys check --keys need.db old.mbox
is "check of a corpus: nothing is missing" "$status $(cat out)" \
	"0 2 keys looked at, something is wrong with 0; 0 names without key"
run verify --keys need.db signed.mbox
is "what was harvested verifies" "$status" 0
printf 's1._domainkey.example.com\t!SERVFAIL\n' >failing.keys
run keys harvest --keys failing.keys old.mbox
is "harvest: no answer for now is counted" "$status" 1
ok "harvest: and told" grep -q '^sealpress: 1 name not answered' err
refused "harvest into its input" "would be written into the input" \
	keys harvest -o old.mbox old.mbox
refused "harvest into something else" "no key archive" \
	keys harvest -o s1.pem old.mbox

# The same from a name server.
perl "$expected/../nameserver.pl" port <<<"s1._domainkey.example.com	v=DKIM1; p=$p" &
for ((i = 0; i < 100; i++)); do
	[ ! -e port ] || break
	sleep 0.1
done
dns=(--resolve --resolver "127.0.0.1#$(cat port)")
run keys harvest "${dns[@]}" -o dns.db old.mbox
is "harvest --resolve" "$status $(cat out)" \
	"0 6 messages, 12 signatures, 2 names of keys; 1 of them found, 1 key new to the archive"
is "harvest --resolve: what came is kept" \
	"$("$SEALPRESS" keys list dns.db | sed "s/$(date -u +%F)/today/g")" \
	"s1._domainkey.example.com today today rsa-2048 dns insecure"
is "harvest --resolve: what did not come, too" \
	"$("$SEALPRESS" keys list --missing dns.db)" \
	"e1._domainkey.example.com 6 2017-07-14 2017-07-14 nxdomain"
run keys check "${dns[@]}" --key s1.pem s1._domainkey.example.com
is "check NAME in the DNS" "$status $(cut -d: -f2 out)" "0  ok"
run keys check --as ndjson "${dns[@]}" --key s1.pem s1._domainkey.example.com
is "check NAME as ndjson" "$status $(json out '"$r->{name} $r->{finding} " . ($r->{fault} ? 1 : 0)')" \
	"0 s1._domainkey.example.com ok 0"
run keygen --check e1.pem --domain example.com --selector e1 "${dns[@]}"
is "keygen --check in the DNS" "$status $(cut -d: -f2 out)" "1  missing"
run keys harvest --keys keys.zone "${dns[@]}" old.mbox
is "files are asked first" "$(grep -c found out)" 2
kill %1
run keys harvest --resolve --resolver 127.0.0.1#9 --dns-timeout 1 \
	-o silent.db old.mbox
is "nobody answers: exit status" "$status" 1
ok "nobody answers: counted" grep -q '2 names not answered' err

# What is wrong with the keys of an archive.
key() { # NAME VALUE
	"$SEALPRESS" keys add -q -o audit.db "$@"
}
key a._domainkey.example.com "p=$p"
key b._domainkey.mail.example.com "p=$p"
run keys check -q --keys audit.db
is "audit: one family is no sharing" "$status $(cat out)" "0 "
key c._domainkey.example.net "p=$p"
key d._domainkey.example.net "p=$small; t=y"
key e._domainkey.example.net "p="
key f._domainkey.example.net "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
run keys check --keys audit.db
is "audit: exit status" "$status" 1
is "audit: findings" "$(sed '$d' out | cut -d: -f1,2)" \
	"a._domainkey.example.com: shared
b._domainkey.mail.example.com: shared
c._domainkey.example.net: shared
d._domainkey.example.net: too-small
d._domainkey.example.net: testing
e._domainkey.example.net: revoked
f._domainkey.example.net: test-key"
is "audit: count" "$(tail -n 1 out)" \
	"6 keys looked at, something is wrong with 3; 0 names without key"
run keys check --as ndjson --keys audit.db
is "audit as ndjson: the same" "$status $(json out '"$r->{name}: $r->{finding} " . ($r->{fault} ? 1 : 0)' | tail -n 4)" \
	"1 d._domainkey.example.net: too-small 1
d._domainkey.example.net: testing 0
e._domainkey.example.net: revoked 1
f._domainkey.example.net: test-key 1"
ok "audit as ndjson: the count is said elsewhere" \
	grep -q '^sealpress: 6 keys looked at' err
refused "audit of a zone file" "make one of this file with 'keys import'" \
	keys check --keys keys.zone

finish
