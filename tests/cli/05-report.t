#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Reports of verdicts and of signatures, and the summary for people.
. tests/cli/lib.sh

make_keys
mbox 4 >in.mbox
run sign "${rsa[@]}" "${ed[@]}" -o signed.mbox \
	--report ndjson:s.ndjson --report csv:s.csv --report text:s.txt in.mbox
is "sign: exit status" "$status" 0
is "sign ndjson: a record per message" \
	"$(json s.ndjson 'join " ", map { $r->{$_} } qw(path index result reason)')" \
	"in.mbox 0 signed ok
in.mbox 1 signed ok
in.mbox 2 signed ok
in.mbox 3 signed ok"
is "sign ndjson: what signed" \
	"$(json s.ndjson 'join " ", map { "$_->{domain}/$_->{selector}/$_->{algorithm}" } @{$r->{signatures}}' | sort -u)" \
	"example.com/s1/rsa-sha256 example.com/e1/ed25519-sha256"
grown=$(($(stat -c %s signed.mbox) - $(stat -c %s in.mbox)))
is "sign ndjson: bytes are those that were added" \
	"$(json s.ndjson 'my $n = 0; $n += $_->{bytes} for @{$r->{signatures}}; $n' |
		awk '{n += $1} END {print n}')" "$grown"
is "sign csv: names, then a line per signature" \
	"$(sed -n 1p s.csv | tr -d '\r') $(wc -l <s.csv)" \
	"path,index,offset,bytes,message_result,message_reason,copied,signature,domain,selector,algorithm,signature_bytes 9"
is "sign text: a paragraph per message" "$(grep -c '^in.mbox' s.txt)" 4

# One body, one header field changed; one message unsigned.
perl -0777 -pe 's/Hello Bert,  this is\tmessage 1/Hallo/; s/Subject: message 2/Subject: Money/' \
	signed.mbox >bad.mbox
{
	echo "From x Fri Sep 13 08:00:00 2024"
	message 9
	echo
} >>bad.mbox

run verify --keys keys.zone --report ndjson:v.ndjson --report csv:v.csv \
	--report text:v.txt bad.mbox
is "verify: exit status" "$status" 1
ok "verify with reports: nothing on standard output" [ ! -s out ]
ok "verify with reports: summary on standard error" \
	grep -q '^sealpress: results: pass 2, fail 2, none 1' err
is "verify ndjson: verdicts in the order of the mbox" \
	"$(json v.ndjson 'join " ", $r->{index}, $r->{result}, $r->{reason}, map { $_->{body_hash} } @{$r->{signatures}}')" \
	"0 pass ok match match
1 fail body-hash-mismatch mismatch mismatch
2 fail signature-mismatch match match
3 pass ok match match
4 none no-signature"
is "verify ndjson: where each message is" "$(json v.ndjson '
	open my $in, "<", $r->{path}; seek $in, $r->{offset}, 0;
	read $in, my $text, $r->{bytes};
	($text =~ /\A(DKIM-Signature|From):/ && $text =~ /Bye\n\z/) ? "there" : $text' |
	sort | uniq -c | sed 's/^ *//')" "5 there"
is "verify ndjson: of the message" \
	"$(json v.ndjson '"$r->{message_id} $r->{from_domain}"' | head -n 1)" \
	"<0@example.com> example.com"
is "verify ndjson: of a signature" "$(json v.ndjson 'my $s = $r->{signatures}[0];
	$s ? join " ", map { $s->{$_} } qw(domain selector identity algorithm canon key_bits key_source key_dnssec result aligned) : ""' | head -n 1)" \
	"example.com s1 @example.com rsa-sha256 relaxed/relaxed 2048 file unknown pass strict"
(echo 'From: ceo@bank.example' && message 1 | "$SEALPRESS" sign "${rsa[@]}" --no-oversign -) \
	>two.eml 2>/dev/null
run verify --keys keys.zone --report ndjson:two.json two.eml
is "verify ndjson: two From fields align with nothing" \
	"$(json two.json 'my $s = $r->{signatures}[0];
	join " ", $r->{from_domain} // "null", $s->{domain}, $s->{result}, $s->{aligned}')" \
	"null example.com pass no"
is "verify ndjson: null where nothing is known" "$(json v.ndjson 'my $s = $r->{signatures}[0];
	defined $s->{body_length} ? "known" : "null"' | sort -u)" null
is "verify ndjson: numbers are numbers" \
	"$(grep -cE '"index":[0-9]+,"offset":[0-9]+,"bytes":[0-9]+,' v.ndjson)" 5
is "verify csv: a line per signature, one for the unsigned" \
	"$(wc -l <v.csv)" 10
is "verify csv: CRLF" "$(grep -c $'\r$' v.csv)" 10
is "verify csv: as many columns in each line" \
	"$(awk -F, '{print NF}' v.csv | sort -u)" 34
is "verify text: a paragraph per message" "$(grep -c '^bad.mbox:message' v.txt)" 5

run verify --keys keys.zone bad.mbox
is "verify for people: a line per failing message, then a summary" \
	"$(sed 's/ in .*//' out)" \
	"bad.mbox:message 1: fail body-hash-mismatch (fail body-hash-mismatch d=example.com s=s1 a=rsa-sha256; fail body-hash-mismatch d=example.com s=e1 a=ed25519-sha256)
bad.mbox:message 2: fail signature-mismatch (fail signature-mismatch d=example.com s=s1 a=rsa-sha256; fail signature-mismatch d=example.com s=e1 a=ed25519-sha256)
bad.mbox:message 4: none no-signature
verified 5 messages, 8 signatures
results: pass 2, fail 2, none 1
reasons: body-hash-mismatch 1, signature-mismatch 1, no-signature 1"
run verify -q --keys keys.zone bad.mbox
is "verify -q: the exit status alone" "$status $(cat out err)" "1 "
run verify --only-failures --keys keys.zone --report ndjson:- bad.mbox
is "--only-failures" "$(json out '$r->{index}' | tr '\n' ' ')" "1 2 4 "
run verify --fail-fast -j 1 --keys keys.zone --report ndjson:ff.ndjson bad.mbox
is "--fail-fast: exit status" "$status" 1
is "--fail-fast: nothing behind the first failure" \
	"$(json ff.ndjson '$r->{index}' | tr '\n' ' ')" "0 1 "
run verify --max-signatures 1 --keys keys.zone --report ndjson:- signed.mbox
is "--max-signatures" "$(json out '$r->{signatures}[1]{reason}' | sort -u)" \
	too-many-signatures

# Names that are not UTF-8, and what mail could do to a terminal.
message 1 >$'odd\xff\033[2J\n.eml'
run verify --keys keys.zone --report ndjson:- $'odd\xff\033[2J\n.eml'
is "path that is not UTF-8: valid JSON, exact name in base64" \
	"$(json out '$r->{path_base64}')" \
	"$(printf 'odd\xff\033[2J\n.eml' | base64 -w0)"
run verify --keys keys.zone $'odd\xff\033[2J\n.eml'
ok "no escape sequence reaches a terminal" \
	grep -qF 'odd\xFF\x1B[2J\x0A.eml: none' out
printf 'From: a@b\nMessage-ID: "x,\x22\n y"\nDKIM-Signature: v=1; d="\x07\n\nx\n' \
	>nasty.eml
run verify --keys keys.zone --report csv:- nasty.eml
ok "hostile values: csv quotes them" grep -q '^"\?nasty.eml' out
run verify --keys keys.zone --report ndjson:- nasty.eml
is "hostile values: ndjson has one line" "$(json out '$r->{index}')" 0

# Verdicts from before RFC 8301, and clocks.
run sign "${rsa[@]}" --timestamp 1700000000 --expire 60 -o old.mbox in.mbox
for at in now 1700000061 2023-11-14T22:14:21Z; do
	run verify --keys keys.zone --at "$at" --report ndjson:- old.mbox
	is "--at $at: expired" "$(json out '$r->{reason}' | sort -u)" expired
done
for at in message 1700000059 2023-11-14T23:14:19+01:00; do
	run verify --keys keys.zone --at "$at" --report ndjson:- old.mbox
	is "--at $at: in time" "$(json out '$r->{reason}' | sort -u)" ok
done
run verify --keys keys.zone --at 1600000000 --report ndjson:- old.mbox
is "signed in the future: said, and no more than that" \
	"$(json out '"$r->{result} $r->{signatures}[0]{future_timestamp}"' | sort -u)" \
	"pass 1"
run verify --historical --keys keys.zone --report ndjson:- --at message old.mbox
is "--historical: the verdict of then" \
	"$(json out '"$r->{signatures}[0]{legacy_result} $r->{signatures}[0]{legacy_reason}"' | sort -u)" \
	"pass ok"
run verify --keys keys.zone --report ndjson:- --at message old.mbox
is "without --historical it is not there" "$(grep -c legacy out)" 0

# Several key files: the first that knows the name answers.
printf 's1._domainkey.example.com\t!NXDOMAIN\n' >none.keys
run verify --keys none.keys --keys keys.zone --at message --report ndjson:- old.mbox
is "key files are asked in order" "$(json out '$r->{reason}' | sort -u)" \
	key-not-found
run verify --keys keys.zone --keys none.keys --at message old.mbox
is "in the other order the key is found" "$status" 0
refused "no such key file" "absent.zone" verify --keys absent.zone in.mbox
printf 's1._domainkey.example.com. IN TXT "open\n' >broken.zone
refused "broken zone file: with its line" "broken.zone:" \
	verify --keys broken.zone in.mbox
finish
