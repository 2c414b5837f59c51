#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Reports as SQLite databases: what is in them, in which order, and when they
# appear. sqlite3 reads them, where it is installed.
. tests/cli/lib.sh

make_keys
mbox 5 >in.mbox

refused "a database on standard output" "cannot go to standard output" \
	verify --keys keys.zone --report sqlite:- in.mbox
refused "a database in a folder that is not there" "nowhere/v.db: cannot be made" \
	verify --keys keys.zone --report sqlite:nowhere/v.db in.mbox
refused "a database with --resume" "cannot be taken up again" \
	verify --keys keys.zone --resume j --report sqlite:v.db in.mbox
mkdir folder
refused "a folder as a database" "is no file" \
	verify --keys keys.zone --report sqlite:folder in.mbox

run sign "${rsa[@]}" "${ed[@]}" -o signed.mbox --report sqlite:s.db in.mbox
is "sign: exit status" "$status" 0
perl -0777 -pe 's/Hello Bert,  this is\tmessage 1/Hallo/' signed.mbox >bad.mbox
printf 'From x\nFrom: a\0b@\xff.example\nMessage-ID: <\xff>\nDKIM-Signature: v=1\n\nx\n' >>bad.mbox
run verify --keys keys.zone --report sqlite:v.db --report ndjson:v.ndjson \
	--report csv:v.csv -j 3 bad.mbox
is "verify: exit status" "$status" 1
is "no partial file is left" "$(find . -name '*.partial.*' | wc -l)" 0

if ! type -P sqlite3 >/dev/null; then
	skip "what is in them" "sqlite3 is not installed"
	finish
	exit
fi

sql() { # FILE STATEMENT
	sqlite3 -separator ' ' "$1" "$2"
}

is "sign: a row per message, in order" \
	"$(sql s.db 'select id, path, message_index, result, reason, copied from messages')" \
	"1 in.mbox 0 signed ok 0
2 in.mbox 1 signed ok 0
3 in.mbox 2 signed ok 0
4 in.mbox 3 signed ok 0
5 in.mbox 4 signed ok 0"
is "sign: a row per signature" \
	"$(sql s.db 'select message, signature, domain, selector, algorithm, bytes > 100 from signatures where message < 3')" \
	"1 0 example.com s1 rsa-sha256 1
1 1 example.com e1 ed25519-sha256 1
2 0 example.com s1 rsa-sha256 1
2 1 example.com e1 ed25519-sha256 1"
is "sign: says what it is" \
	"$(sql s.db 'pragma application_id; pragma user_version')" "1397772883
1"
is "verify: says what it is" \
	"$(sql v.db 'pragma application_id; pragma user_version')" "1397772886
1"
is "verify: is sound" "$(sql v.db 'pragma integrity_check')" ok
is "verify: messages as in ndjson" \
	"$(sql v.db 'select path, message_index, offset, bytes, result, reason from messages')" \
	"$(json v.ndjson 'join " ", map { $r->{$_} } qw(path index offset bytes result reason)')"
is "verify: signatures as in ndjson" \
	"$(sqlite3 -separator ' ' -nullvalue null v.db 'select message - 1, signature, domain, selector, identity, algorithm, canon, key_bits, key_sha256, key_source, key_dnssec, key_ttl, key_first_seen, timestamp, expiration, body_length, result, reason, body_hash, aligned from signatures')" \
	"$(json v.ndjson 'my $n = 0; join "\n", map { my $s = $_; join " ", $r->{index}, $n++, map { $s->{$_} // "null" } qw(domain selector identity algorithm canon key_bits key_sha256 key_source key_dnssec key_ttl key_first_seen timestamp expiration body_length result reason body_hash aligned) } @{$r->{signatures}}')"
is "verify: columns of the messages" \
	"$(sql v.db 'select group_concat(name, " ") from pragma_table_info("messages")')" \
	"id path message_index offset bytes message_id from_domain result reason"
is "verify: the columns of a signature are those of CSV" \
	"$(sql v.db 'select group_concat(name, ",") from pragma_table_info("signatures")' |
		sed 's/^message,//')" \
	"$(sed -n 1p v.csv | tr -d '\r' | sed 's/.*,\(signature,.*\)/\1/')"
is "verify: bytes that are no UTF-8 are a blob" \
	"$(sql v.db 'select typeof(message_id), hex(message_id) from messages where id = 6')" \
	"blob 3CFF3E"
is "verify: the worst message, by SQL" \
	"$(sql v.db 'select message_index from messages join signatures on message = id where body_hash = "mismatch" group by id')" 1

# The same rows whatever the number of threads, and more than one transaction.
mbox 12000 >many.mbox
run verify --keys keys.zone --report sqlite:one.db -j 1 many.mbox
run verify --keys keys.zone --report sqlite:four.db -j 4 many.mbox
is "12,000 messages" "$(sql four.db 'select count(*), max(id), max(message_index) from messages')" \
	"12000 12000 11999"
is "the same rows with one thread and with four" \
	"$(sqlite3 one.db .dump | cksum)" "$(sqlite3 four.db .dump | cksum)"
ok "the same file, too" cmp one.db four.db

# A report that is there keeps what it is until the new one is complete.
cp v.db old.db
run verify --keys missing.zone --report sqlite:old.db bad.mbox
ok "no keys: the old report stays" cmp old.db v.db
run verify --keys keys.zone --report sqlite:old.db signed.mbox
is "and is replaced as a whole" \
	"$(sql old.db 'select count(*) from messages')" 5

finish
