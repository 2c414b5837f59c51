#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Many messages, large messages: order, sameness, memory.
. tests/cli/lib.sh

make_keys
ed=("${ed[@]}" --timestamp 1700000000 --expire never)

# Four ranges' worth, of sizes that do not repeat.
perl -e '
	for my $i (0 .. 2499) {
		print "From a\@example.com Fri Sep 13 08:00:00 2024\n";
		print "From: a\@example.com\nSubject: $i\nMessage-ID: <$i\@x>\n\n";
		print "line $_ of message $i\n" for 1 .. ($i * 7919) % 170;
		print "\n";
	}' >in.mbox
for jobs in 1 4; do
	run sign "${ed[@]}" -j $jobs -o out$jobs.mbox \
		--report ndjson:sign$jobs.ndjson in.mbox
	is "-j $jobs: signed" "$status" 0
	run verify -j $jobs --keys keys.zone --report ndjson:verify.ndjson \
		out$jobs.mbox
	is "-j $jobs: verified" "$status" 0
	# The path is the only difference there may be.
	sed "s/out$jobs/out/" verify.ndjson >verify$jobs.ndjson
done
ok "one worker or four: the same mbox" cmp out1.mbox out4.mbox
ok "one worker or four: the same report of signing" \
	cmp sign1.ndjson sign4.ndjson
ok "one worker or four: the same report of verifying" \
	cmp verify1.ndjson verify4.ndjson
is "records are in order" \
	"$(json verify4.ndjson '$r->{index}' | sort -n -c 2>&1; json verify4.ndjson '$r->{message_id}' | sed -n '2500p')" \
	"<2499@x>"
without_mbox_signatures <out4.mbox >back.mbox
ok "output less the new fields is the input" cmp back.mbox in.mbox

# Tiny messages: a range of them is worked through in parts, in order.
perl -e '
	for my $i (0 .. 5999) {
		print "From a\@b x\nFrom: a\@example.com\nSubject: $i\n\n\n";
	}' >tiny.mbox
for jobs in 1 4; do
	run sign "${ed[@]}" -j $jobs -o tiny$jobs.mbox tiny.mbox
	is "-j $jobs, tiny messages: signed" "$status" 0
done
ok "one worker or four, tiny messages: the same mbox" cmp tiny1.mbox tiny4.mbox
run verify -j 4 --keys keys.zone --report ndjson:tiny.ndjson tiny4.mbox
is "tiny messages: numbers of records are in order" \
	"$(json tiny.ndjson '$r->{index}' | sort -n -c 2>&1; json tiny.ndjson '$r->{index}' | tail -n 1)" 5999

# The same with every backend and CPU level.
for backend in io_uring pread; do
	SEALPRESS_IO=$backend run sign "${ed[@]}" -o other.mbox in.mbox
	ok "$backend: the same mbox" cmp other.mbox out1.mbox
done
for level in scalar avx2 avx512 auto; do
	run sign "${ed[@]}" --cpu $level -o other.mbox in.mbox
	ok "--cpu $level: the same mbox" cmp other.mbox out1.mbox
done

# A newsletter: the same body for all, and with a line for each in its end.
perl -e '
	my $body = join "", map { "line $_ of the letter\n" } 1 .. 900;
	for my $i (0 .. 299) {
		print "From a\@example.com Fri Sep 13 08:00:00 2024\n";
		print "From: a\@example.com\nSubject: $i\n\n$body";
		print "for $i, who is number $i\n" if $i >= 200;
		print "\n";
	}' >letter.mbox
run sign "${ed[@]}" -j 1 --cpu avx2 -o letter1.mbox letter.mbox
is "repeated bodies: signed" "$status" 0
like=$(sed -n 's/^.*repeated bodies: \([0-9]*\) whole.*/\1/p' err)
ok "repeated bodies: the summary counts them" [ "${like:-0}" -ge 190 ]
mkdir letters
(cd letters && csplit -sz -n 3 ../letter.mbox '/^From a/' '{*}')
for one in letters/xx*; do
	"$SEALPRESS" sign "${ed[@]}" -q -j 1 --format mbox -o - "$one" || exit
done >letter2.mbox
ok "repeated bodies: the same as each message alone" \
	cmp letter1.mbox letter2.mbox
run verify --keys keys.zone letter1.mbox
is "repeated bodies: verified" "$status" 0

# A message larger than memory is given.
perl -e 'print "From: a\@example.com\nSubject: big\n\n";
	print "0123456789 abcdef  \t $_\n" for 1 .. 1_400_000' >big.eml
ok "the large message is large" [ "$(stat -c %s big.eml)" -gt 36000000 ]
# Sanitizers need address space without end; others do with this.
limit=1000000
[[ $SEALPRESS != *san/* ]] || limit=unlimited
(
	ulimit -v $limit
	"$SEALPRESS" sign "${ed[@]}" -j 1 -o - big.eml >big-signed.eml 2>err
	echo $? >code
)
is "large message: signed" "$(cat code)" 0
without_signatures <big-signed.eml >below.eml
ok "large message: it stands below its signature" cmp below.eml big.eml
run verify --keys keys.zone big-signed.eml
is "large message: verified" "$status" 0
"$SEALPRESS" sign "${ed[@]}" - <big.eml 2>err | cmp - big-signed.eml
is "large message: the same through pipes" "${PIPESTATUS[*]}" "0 0"
"$SEALPRESS" verify --keys keys.zone - <big-signed.eml >out 2>err
is "large message: verified on standard input" "$?" 0
{
	head -n 20 in.mbox | sed '/^From /!d;q'
	cat big.eml
	echo
	cat in.mbox
} >mixed.mbox
for jobs in 1 4; do
	run sign "${ed[@]}" -j $jobs -o mixed$jobs.mbox mixed.mbox
	is "large message in an mbox, -j $jobs" "$status" 0
done
ok "large message in an mbox: the same mbox" cmp mixed1.mbox mixed4.mbox
mkdir -p box/new box/cur box/tmp
cp big.eml box/new/1.big
run sign "${ed[@]}" --in-place box
is "large message in place" "$status" 0
ok "large message in place: the same again" cmp box/new/1.big big-signed.eml
printf 'tail without line end' >>big-signed.eml
run verify --keys keys.zone big-signed.eml
is "large message with something appended: fails" "$status" 1

# The bar.
run sign "${ed[@]}" --progress always -o other.mbox in.mbox mixed.mbox
ok "--progress always draws" grep -q 'signing' err
run sign "${ed[@]}" -o other.mbox in.mbox
is "--progress auto: no control bytes in a file" "$(grep -c $'[\r\033]' err)" 0
run verify --keys keys.zone -v other.mbox
ok "-v names the backend" grep -q 'reading with' err
finish
