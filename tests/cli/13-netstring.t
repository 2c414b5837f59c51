#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The netstring stream: records and messages in, answers out.
. tests/cli/lib.sh

make_keys
keys=("${ed[@]}" "${rsa[@]}" --timestamp 1700000000 --expire never)
ed=("${ed[@]}" --timestamp 1700000000 --expire never)
message 1 >m.eml
man=$OLDPWD/docs/sealpress.1

# pair RECORD FILE: the two netstrings.
pair() {
	printf '%d:%s,%d:' "${#1}" "$1" "$(stat -c %s "$2")"
	cat "$2"
	printf ,
}

# answers: each answer of standard input as its record in answers.ndjson and
# its message in answer.0, answer.1 and so on; fails on anything else.
answers() {
	rm -f answer.* answers.ndjson
	perl -e '
		binmode STDIN;
		local $/;
		my $in = <STDIN>;
		my $n = 0;
		open my $records, ">", "answers.ndjson" or die $!;
		while ($in =~ /\G(\d+):/gc) {
			my $record = substr $in, pos $in, $1;
			pos($in) += $1;
			$in =~ /\G,(\d+):/gc or die "no message";
			my $message = substr $in, pos $in, $1;
			pos($in) += $1;
			$in =~ /\G,/gc or die "no comma";
			print $records "$record\n";
			open my $out, ">", "answer.$n" or die $!;
			print $out $message;
			close $out or die $!;
			$n++;
		}
		die "bytes left over" if (pos($in) // 0) != length $in;'
}

# serve ARGUMENT...: signs what standard input has, as it comes down a pipe,
# with both keys.
serve() {
	run sign "${keys[@]}" --format netstring "$@" - < <(cat)
	answers <out
}

# One message, all of its members.
pair '{"id":"first","mail_from":"a@example.com","rcpt_to":["b@example.net"],"domain":"example.com","selector":"e1"}' \
	m.eml >in
serve <in
is "one: exit status" "$status" 0
is "one: its record" "$(json answers.ndjson \
	'join " ", @$r{qw(id index result reason)}, map { "$_->{domain} $_->{selector} $_->{algorithm}" } @{$r->{signatures}}')" \
	"first 0 signed ok example.com e1 ed25519-sha256"
"$SEALPRESS" sign "${ed[@]}" -q -o - m.eml >signed.eml
ok "one: its message is what a file would be" cmp answer.0 signed.eml
is "one: the size of the field" \
	"$(json answers.ndjson '$r->{signatures}[0]{bytes}')" \
	"$(($(stat -c %s answer.0) - $(stat -c %s m.eml)))"

# Keys by name, in any combination.
{
	pair '{"id":0}' m.eml
	pair '{"id":1,"domain":"EXAMPLE.com"}' m.eml
	pair '{"id":2,"selector":"s1"}' m.eml
	pair '{"id":3,"domain":"example.com","selector":"none"}' m.eml
	pair '{"id":4,"domain":"example.net"}' m.eml
	pair '{"id":5,"domain":"exa mple","selector":"e1"}' m.eml
	pair '{"id":6,"domain":null,"selector":"e1"}' m.eml
} >in
serve <in
is "keys: exit status" "$status" 1
is "keys: by domain and selector" "$(json answers.ndjson \
	'join " ", @$r{qw(id result reason)}, map { $_->{selector} } @{$r->{signatures}}')" \
	"0 signed ok e1 s1
1 signed ok e1 s1
2 signed ok s1
3 error key-unknown
4 error key-unknown
5 error key-unknown
6 signed ok e1"
ok "keys: nothing leaves unsigned" [ ! -s answer.3 ]
printf 'a example.com:s1:%s\nb example.org:e1:%s\n' "$PWD/s1.pem" \
	"$PWD/e1.pem" >keys.table
echo '*@example.com a' >signing.table
{
	pair '{"id":0}' m.eml
	pair '{"id":1,"domain":"example.org"}' m.eml
	pair '{"id":2,"selector":"e1"}' m.eml
	pair '{"id":3,"domain":"example.com","selector":"e1"}' m.eml
} >tables.in
run sign --key-table keys.table --signing-table refile:signing.table \
	--format netstring - <tables.in
answers <out
is "tables: by sender, by domain, by selector" "$(json answers.ndjson \
	'join " ", @$r{qw(id reason)}, map { "$_->{domain} $_->{selector}" } @{$r->{signatures}}')" \
	"0 ok example.com s1
1 ok example.org e1
2 ok example.org e1
3 key-unknown"

# What becomes of messages that cannot be signed.
sed '/^From:/d' m.eml >nobody.eml
: >empty
{
	pair '{"id":"no from"}' nobody.eml
	pair '{"id":"none"}' empty
	pair '{"id":"good"}' m.eml
} >mixed.in
serve <mixed.in
is "errors: answered, and the stream goes on" "$(json answers.ndjson \
	'join " ", @$r{qw(id result reason)}')" \
	"no from error from-missing
none error message-empty
good signed ok"
serve --on-error copy <mixed.in
is "copied: said" "$(json answers.ndjson '$r->{copied} ? 1 : 0')" "1
1
0"
ok "copied: as it came" cmp answer.0 nobody.eml
serve --on-error stop <mixed.in
is "stop: exit status" "$status" 1
is "stop: nothing behind it is answered" "$(wc -l <answers.ndjson)" 1
serve --headers-only <mixed.in
ok "only header fields" bash -c \
	'[ ! -s answer.0 ] && cat answer.2 m.eml | cmp - <("$@")' - \
	"$SEALPRESS" sign "${keys[@]}" -q -o - m.eml

# Records that are wrong.
{
	pair '{"id":1,"id":2}' m.eml
	pair '{"selector":"e1"}' m.eml
	pair 'no JSON' m.eml
	pair '{"id":"nul\u0000"}' m.eml
	pair '{"id":4,"selctor":"e1"}' m.eml
	pair '{"id":5,"mail_from":"a\r\nb"}' m.eml
	pair '' m.eml
	pair '{"id":7}' m.eml
} >in
serve <in
is "wrong records: exit status" "$status" 1
is "wrong records: answered one by one" "$(json answers.ndjson \
	'($r->{id} // "null") . " $r->{reason} " . ($r->{detail} ? 1 : 0)')" \
	"null record-syntax 1
null record-syntax 1
null record-syntax 1
null record-syntax 1
4 record-syntax 1
5 record-syntax 1
null record-syntax 1
7 ok 0"
ok "wrong records: the word that is wrong" grep -q '"selctor' answers.ndjson

# Framing that is wrong: what comes before it is answered.
broken() { # NAME BYTE TEXT REST
	{
		pair '{"id":0}' m.eml
		printf '%b' "$4"
	} >broken.in
	serve -j 2 <broken.in
	is "$1: exit status" "$status" 2
	is "$1: what comes before is answered" \
		"$(json answers.ndjson '"$r->{id} $r->{reason}"')" "0 ok"
	ok "$1: signed" cmp answer.0 both.eml
	ok "$1: names the byte and the fault" grep -q \
		"^sealpress: -:message 1:byte $(($(pair '{"id":0}' m.eml | wc -c) + $2)): .*$3" err
}
"$SEALPRESS" sign "${keys[@]}" -q -o - m.eml >both.eml
broken "no length" 0 "length has to stand" 'x'
broken "a line end" 0 "length has to stand" '\n3:{},'
broken "no colon" 1 "colon" '2{},'
broken "a zero in front" 1 "begins with 0" '02:{},'
broken "no comma" 4 "comma" '2:{}x'
broken "record too large" 5 "above the limit" '999999:'
broken "message too large" 20 "above the limit" '8:{"id":1},9999999999:'
broken "length without end" 6 "above the limit" '2621440000000000:'
broken "no comma behind a message" 15 "comma" '8:{"id":1},2:ab.'
broken "end in a length" 1 "ends in the middle" '8'
broken "end in a record" 4 "ends in the middle" '8:{"'
broken "end between the two" 11 "ends in the middle" '8:{"id":1},'
broken "end in a message" 16 "ends in the middle" '8:{"id":1},10:ab'
run sign "${ed[@]}" --format netstring - </dev/null
is "nothing at all is a good stream" "$status $(wc -c <out)" "0 0"

# Messages larger than memory is given.
perl -e 'print "From: a\@example.com\nSubject: big\n\n";
	print "0123456789 abcdef  \t $_\n" for 1 .. 120_000' >big.eml
ok "large: it is" [ "$(stat -c %s big.eml)" -gt 2900000 ]
"$SEALPRESS" sign "${ed[@]}" -q -o - big.eml >big-signed.eml
for jobs in 1 3; do
	for i in 0 1 2; do
		pair "{\"id\":\"s$i\",\"selector\":\"e1\"}" m.eml
		pair "{\"id\":\"l$i\",\"selector\":\"e1\"}" big.eml
	done >in
	serve -j $jobs <in
	is "large, -j $jobs: in order" \
		"$(json answers.ndjson '"$r->{id} $r->{reason}"' | xargs)" \
		"s0 ok l0 ok s1 ok l1 ok s2 ok l2 ok"
	ok "large, -j $jobs: signed as a file would be" \
		cmp answer.5 big-signed.eml
done
{
	pair '{"id":1}' m.eml
	pair '{"id":2}' big.eml | head -c 2500000
} >in
serve <in
is "end in a large message: exit status" "$status" 2
is "end in a large message: the first is answered" "$(wc -l <answers.ndjson)" 1
ok "end in a large message: said" grep -q ':message 1:byte .*in the middle' err
{
	pair '{"id":1}' big.eml | head -c -1
	printf x
} >in
serve <in
ok "no comma behind a large message: said" grep -q ':message 0:byte .*comma' err

# A flood: many messages, full duplex, in order, the same with any number of
# workers.
for ((i = 0; i < 400; i++)); do
	pair "{\"id\":$i,\"selector\":\"e1\"}" m.eml
done >flood.in
for jobs in 1 4; do
	serve -j $jobs --stats json:stats.json <flood.in
	is "flood, -j $jobs: exit status" "$status" 0
	mv out flood$jobs
	is "flood, -j $jobs: in order" \
		"$(json answers.ndjson '$r->{id}' | sort -n -c 2>&1; wc -l <answers.ndjson)" \
		400
done
ok "flood: the same answers" cmp flood1 flood4
serve -j 2 --report ndjson:flood.ndjson <flood.in
is "flood: a report has the ids" "$(json flood.ndjson '$r->{id}' | tail -n 1)" \
	399

# A client that reads slowly: what it does not read keeps us from reading.
for ((i = 0; i < 8; i++)); do
	cat flood.in
done >floods.in
"$SEALPRESS" sign "${ed[@]}" -q --format netstring - <floods.in >slow1
perl -e '
	use IPC::Open2;
	my $pid = open2(my $out, my $in, @ARGV);
	open my $flood, "<", "floods.in" or die $!;
	local $/;
	my $text = <$flood>;
	my $writer = fork // die $!;
	if (!$writer) {
		close $out;
		print $in $text;
		close $in;
		exit 0;
	}
	close $in;
	my ($all, $piece) = 0;
	$all += $piece while $piece = sysread $out, my $x, 5000;
	waitpid $writer, 0;
	waitpid $pid, 0;
	print "$? $all\n";' \
	"$SEALPRESS" sign "${ed[@]}" -q -j 2 --format netstring - >slow.out 2>err
is "slow reader: everything comes" "$(cat slow.out)" \
	"0 $(stat -c %s slow1)"

# A trickle: the next message is written when the answer was read, and one
# half of it long before the other.
cat >client.pl <<'END'
	use IPC::Open2;
	use IO::Handle;
	$SIG{ALRM} = sub { die "no answer\n" };
	alarm 60;
	my $pid = open2(my $out, my $in, @ARGV);
	open my $mail, "<", "m.eml" or die $!;
	my $message = do { local $/; <$mail> };
	sub netstring { length($_[0]) . ":" . $_[0] . "," }
	sub answer {
		local $/ = ":";
		defined(my $length = <$out>) or die "closed\n";
		chop $length;
		read($out, my $text, $length + 1) == $length + 1 or die;
		chop($text) eq "," or die;
		return $text;
	}
	for my $i (0 .. 19) {
		my $pair = netstring(qq({"id":$i})) . netstring($message);
		my $half = int($i * length($pair) / 20);
		print $in substr $pair, 0, $half;
		$in->flush;
		print $in substr $pair, $half;
		$in->flush;
		print answer(), "\n";
		answer() =~ /\ADKIM-Signature:/ or die "not signed\n";
	}
	close $in;
	waitpid $pid, 0;
	exit $? >> 8;
END
for jobs in 1 4; do
	perl client.pl "$SEALPRESS" sign "${ed[@]}" -q -j $jobs \
		--format netstring - >trickle.ndjson 2>err
	is "trickle, -j $jobs: exit status" "$?" 0
	is "trickle, -j $jobs: each is answered at once" \
		"$(json trickle.ndjson '$r->{id}' | xargs)" \
		"$(seq 0 19 | xargs)"
done

# Verifying: records with the id.
{
	pair '{"id":"good"}' signed.eml
	pair '{"id":"bare"}' m.eml
	pair 'bad' signed.eml
} >verify.in
run verify --keys keys.zone --format netstring --report ndjson:- - <verify.in
is "verify: exit status" "$status" 1
is "verify: records with the id" \
	"$(json out 'join " ", $r->{id} // "null", @$r{qw(result reason)}')" \
	"good pass ok
bare none no-signature
null permerror record-syntax"
run verify --keys keys.zone --format netstring --add-authres mx.example.net \
	-o - - <verify.in
answers <out
is "verify: copies as answers" "$(json answers.ndjson '$r->{result}' | xargs)" \
	"pass none permerror"
ok "verify: with the field" grep -q \
	'^Authentication-Results: mx.example.net' answer.0

refused "a file" "standard input" \
	sign "${rsa[@]}" --format netstring m.eml
refused "a list" "standard input" \
	sign "${rsa[@]}" --format netstring --files-from - -
refused "an output" "leave out -o" \
	sign "${rsa[@]}" --format netstring -o x.mbox -
refused "in place" "leave out -o" \
	sign "${rsa[@]}" --format netstring --in-place -
refused "verify: an output" "standard output" \
	verify --keys keys.zone --format netstring --add-authres a.example \
	-o x.mbox -

# The client that the man page shows.
if [ -x "$(type -P python3)" ]; then
	sed -n '/^import subprocess/,/^\.Ed/{/^\.Ed/!p;}' "$man" |
		sed 's/\\e/\\/g; s/\\-/-/g; s/\\&//g' >client.py
	PATH=$(dirname "$SEALPRESS"):$PATH python3 client.py \
		<m.eml >client.out 2>err
	is "the client of the man page: exit status" "$?" 0
	ok "the client of the man page: its message is signed" \
		grep -q '^DKIM-Signature: ' client.out
else
	skip "the client of the man page" "no python3"
fi

finish
