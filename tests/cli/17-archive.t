#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Verifying from a key archive: the key of the time, the same report anywhere,
# odd and broken archives, and the example of the README.
. tests/cli/lib.sh

# One selector with two keys, one after the other, and a revocation at the end.
make_keys
mv s1.pem a.pem
rm e1.pem
mv keys.zone a.zone
make_keys
mv s1.pem b.pem
mv keys.zone b.zone
signed() { # KEYFILE TIME
	"$SEALPRESS" sign -q --key "$1" --domain example.com --selector s1 \
		--timestamp "$2" --expire never -o - one.mbox
}
mbox 1 >one.mbox
{
	signed a.pem 1300000000
	signed b.pem 1700000000
	signed a.pem 1700000000
} >mail.mbox
store() { # FIRST LAST FILE
	"$SEALPRESS" keys import -q -o keys.db --first-seen "$1" --last-seen "$2" "$3"
}
store 1290000000 1400000000 a.zone
store 1600000000 1750000000 b.zone

keys_of() { # FILE
	json "$1" 'my $s = $r->{signatures}[0]; join " ", $r->{result}, $r->{reason}, map { $s->{$_} // "null" } qw(key_source key_first_seen key_last_seen)'
}
run verify --keys keys.db --at message --report ndjson:v.ndjson mail.mbox
is "each message has the key of its time, and a key out of it is named" \
	"$status $(keys_of v.ndjson)" \
	"0 pass ok archive 1290000000 1400000000
pass ok archive 1600000000 1750000000
pass ok archive 1290000000 1400000000"
print_of() { # KEYFILE: what key_sha256 says of its public half
	openssl pkey -in "$1" -pubout -outform DER | sha256sum | cut -d' ' -f1
}
is "and told by its fingerprint" \
	"$(json v.ndjson '$r->{signatures}[0]{key_sha256}')" \
	"$(print_of a.pem)
$(print_of b.pem)
$(print_of a.pem)"
run verify --keys keys.db --at message --report csv:v.csv --report text:v.txt mail.mbox
is "csv: the same" "$(sed -n 2p v.csv | grep -c ',archive,unknown,,1290000000,1400000000,')" 1
is "text: the same" "$(grep -c 'key-seen=1290000000-1400000000' v.txt)" 2
run verify --keys a.zone --report ndjson:v.ndjson mail.mbox
is "a key file knows no times" "$(keys_of v.ndjson | tail -n 1)" \
	"pass ok file null null"

"$SEALPRESS" keys add -q -o keys.db --first-seen 1500000000 \
	--last-seen 1550000000 s1._domainkey.example.com 'v=DKIM1; p='
run verify --keys keys.db --at message --report ndjson:v.ndjson mail.mbox
is "--at message: what was signed after the revocation fails" \
	"$status $(keys_of v.ndjson)" \
	"1 pass ok archive 1290000000 1400000000
pass ok archive 1600000000 1750000000
fail signature-mismatch archive null null"
run verify --keys keys.db --at 1350000000 --report ndjson:v.ndjson mail.mbox
is "--at a time before it: all pass" "$(keys_of v.ndjson | cut -d' ' -f1 | uniq -c | tr -s ' ')" \
	" 3 pass"
"$SEALPRESS" keys add -q -o keys.db --first-seen 1760000000 \
	s1._domainkey.example.com 'v=DKIM1; p= ; n=again'
run verify --keys keys.db --report ndjson:v.ndjson mail.mbox
is "--at now: revoked by now" "$(keys_of v.ndjson | sort -u)" \
	"permerror key-revoked archive null null"

# The same bytes from any number of workers, and from an archive that was
# filled in another order.
"$SEALPRESS" keys list --as ndjson keys.db | sort -r >turned.ndjson
"$SEALPRESS" keys import -q -o turned.db turned.ndjson
for i in {1..40}; do cat mail.mbox; done >many.mbox
for jobs in 1 2 7; do
	"$SEALPRESS" verify -q -j "$jobs" --keys keys.db --at message \
		--report ndjson:$jobs.ndjson many.mbox
done
"$SEALPRESS" verify -q --keys turned.db --at message --report ndjson:turned.out \
	many.mbox
ok "one worker equals two" cmp 1.ndjson 2.ndjson
ok "and seven" cmp 1.ndjson 7.ndjson
ok "the order in which keys came does not matter" cmp 1.ndjson turned.out
before=$(cksum <keys.db)
chmod 400 keys.db
run verify --keys keys.db --at message mail.mbox
is "an archive is only read" "$status $(cksum <keys.db)" "1 $before"
chmod 600 keys.db

# Hostile records: bounded, with a verdict.
large=$(head -c 65000 /dev/zero | tr '\0' 'A')
mkdir hostile
printf 's1._domainkey.example.com\tv=DKIM1; p=%s\n' "$large" >hostile/p.keys
for ((i = 0; i < 3000; i++)); do
	printf 's1._domainkey.example.com\tv=DKIM1; n=%d; p=AAAA\n' $i
done >hostile/many.keys
printf 's1._domainkey.example.com\tv=DKIM1; p=\\xC3\\xA9\\xFF\\x00\n' >hostile/bytes.keys
for kind in p many bytes; do
	run keys import -o $kind.db hostile/$kind.keys
	is "hostile $kind: imported" "$status" 0
	run verify --keys $kind.db --report ndjson:v.ndjson mail.mbox
	is "hostile $kind: a verdict" \
		"$(json v.ndjson '$r->{reason}' | sort -u)" key-syntax
done
is "hostile many: a thousand are kept" "$("$SEALPRESS" keys list many.db | wc -l)" 1000

# Archives that are none.
head -c 9000 keys.db >short.db
refused "a truncated archive" "short.db: is damaged" \
	verify --keys short.db mail.mbox
if type -P sqlite3 >/dev/null; then
	sqlite3 foreign.db 'create table a(b)'
	refused "another database" "foreign.db: is a database of SQLite but no key archive" \
		verify --keys foreign.db mail.mbox
	refused "it is not written to either" "no key archive" \
		keys import -o foreign.db a.zone
	cp keys.db newer.db
	sqlite3 newer.db 'pragma user_version=2'
	refused "a newer version" "newer.db: is a key archive of version 2" \
		verify --keys newer.db mail.mbox
	is "people read it with sqlite3" \
		"$(sqlite3 keys.db "select count(*), min(first_seen) from keys where name like 's1.%'")" \
		"4|1290000000"
	is "application_id and user_version" \
		"$(sqlite3 keys.db 'pragma application_id; pragma user_version' | tr '\n' ' ')" \
		"1397771073 1 "
	# The second half of a file that was fine when it was opened.
	sqlite3 keys.db 'vacuum'
	cp keys.db torn.db
	pages=$(($(stat -c %s torn.db) / 4096))
	for ((i = 2; i < pages; i++)); do
		printf 'torn%.0s' {1..100} | dd of=torn.db bs=1 seek=$((i * 4096)) \
			conv=notrunc status=none
	done
	refused "a torn archive ends the run, by name" "torn.db: is damaged" \
		verify --keys torn.db --report ndjson:torn.ndjson mail.mbox
	ok "and leaves no report" [ ! -e torn.ndjson ]
else
	skip "other databases" "sqlite3 is not installed"
fi

# A harvest that is killed leaves what it had.
"$SEALPRESS" keys harvest -q --keys a.zone -o harvest.db mail.mbox
mkfifo pipe
"$SEALPRESS" keys harvest --keys a.zone -o harvest.db - <pipe >out 2>err &
pid=$!
{
	cat mail.mbox
	for ((i = 0; i < 50; i++)); do
		kill -TERM $pid 2>/dev/null || break
		sleep 0.1
	done
} >pipe
wait $pid
is "an interrupted harvest says so" "$?" 143
run verify --keys harvest.db --at message mail.mbox
is "and its archive is usable" "$(grep -c 'pass' out)" 1

# README: "Verify an archive of mail from years ago"
cp one.mbox outgoing.mbox
{
	signed a.pem 1300000000
	signed b.pem 1700000000
} >old.mbox
rm keys.db
cp a.zone 2011.zone
cp b.zone 2023.zone
sed -n '/^### An archive of mail/,/^##* [^A]/p' "$expected/../../../README.md" |
	sed -n 's/^    //p' | sed "s|^sealpress|'$SEALPRESS'|" >example.sh
ok "the example of the README is there" grep -q 'keys import' example.sh
bash -e example.sh >out 2>err
is "it works when pasted" "$?" 0
is "and every message passes" "$(keys_of verdicts.ndjson | cut -d' ' -f1-3)" \
	"pass ok archive
pass ok archive"

finish
