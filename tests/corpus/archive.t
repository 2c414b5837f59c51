#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Archives of mkcorpus: the program's verdicts are those of the truth file, in
# every form, on every kernel and with any number of workers. What signs them
# (corpus/signer.c) shares no code with what verifies them. Hostile mail gets
# one verdict for each message.
mkcorpus=$PWD/$B/mkcorpus
keys=$PWD/corpus/keys
export SEALPRESS=$PWD/$B/sealpress
# shellcheck source=tests/cli/lib.sh
. tests/cli/lib.sh

# agrees CORPUS ARGUMENT...: as many records as messages, and in each the
# verdict, and those of the signatures, that the truth file has. Maildirs and
# folders are read in another order, so the Message-ID says which is which.
agrees() {
	local corpus=$1
	shift
	run verify --keys "$corpus.keys" --at message --quiet \
		--report ndjson:"$corpus.found" "$@" "$corpus"
	[ "$status" -eq 1 ] || return 1
	perl -MJSON::PP -ne '
		my $r = decode_json($_);
		my @signatures = map { "$_->{result}/$_->{reason}" }
			@{$r->{signatures}};
		print join("\t", $r->{message_id}, $r->{result},
			join(",", @signatures) || "-"), "\n"' \
		"$corpus.found" | sort >found
	cut -f 2- "$corpus.truth" | sort | diff - found
}

# sum FILE...: of what may not depend on the machine.
sum() {
	cat "$@" | sha256sum | cut -c 1-16
}

ok "an archive is made" \
	"$mkcorpus" --kind archive --count 400 --mean-kb 3 old.mbox
is "its bytes, keys and truth are the same everywhere" \
	"$(sum old.mbox old.mbox.keys old.mbox.truth)" 38f3082f05dfe59f
for reason in pass/ok fail/body-hash-mismatch fail/signature-mismatch \
	permerror/key-not-found permerror/expired policy/key-too-small \
	policy/sha1 -; do
	ok "some message of it is $reason" grep -q "	$reason\$" old.mbox.truth
done
for cpu in scalar avx2 avx512 auto; do
	for jobs in 1 2; do
		ok "verdicts are the truth, --cpu $cpu -j$jobs" \
			agrees old.mbox --cpu $cpu -j$jobs
	done
done
perl -pi -e 's/pass\t/fail\t/ if $. == 1' old.mbox.truth
ok "another truth is not found" test "$(agrees old.mbox | wc -l)" -gt 0

"$mkcorpus" --kind archive --count 150 --seed 2 --mean-kb 3 --crlf \
	--format maildir box
ok "a Maildir with CRLF" agrees box -j2
"$mkcorpus" --kind archive --count 150 --seed 3 --mean-kb 3 --format eml folder
ok "one file each" agrees folder -j2
"$mkcorpus" --kind archive --count 150 --seed 4 --mean-kb 3 \
	--sign "$keys/rsa3072.pem" --sign "$keys/ed25519.pem" given.mbox
ok "with given keys" agrees given.mbox
ok "a given key is published" grep -qF \
	"$(sed '/-----/d' "$keys/rsa3072.pub" | tr -d '\n')" given.mbox.keys

"$mkcorpus" --kind archive --count 60 --mean-kb 3 --shares \
	body=0,header=0,missing=0,expired=0,weak=0,sha1=0,unsigned=0 good.mbox
is "nothing is wrong where no share is" \
	"$(cut -f 3 good.mbox.truth | sort | uniq -c | tr -s ' ')" " 60 pass"
"$mkcorpus" --kind archive --count 60 --mean-kb 3 --shares \
	body=0,header=0,missing=0,expired=0,weak=0,unsigned=0,sha1=100 sha1.mbox
ok "all is sha1 where all is asked for" agrees sha1.mbox
is "in the truth too" "$(cut -f 3 sha1.mbox.truth | sort -u)" policy

# signed COUNT OPTION...: newsletters that verify, each with so many signatures.
signed() {
	local count=$1
	shift
	"$mkcorpus" --count 20 --mean-kb 3 "$@" letters.mbox &&
		run verify --keys letters.mbox.keys --report ndjson:- letters.mbox &&
		[ "$(grep -c '"result":"pass","reason":"ok","signatures"' out)" = 20 ] &&
		[ "$(grep -o '"domain":"' out | wc -l)" = $((20 * count)) ]
}
ok "newsletters signed with two keys" signed 2 --sign rsa1024 --sign ed25519
ok "newsletters signed with a given key, CRLF" signed 1 --crlf \
	--domain news.example --sign "$keys/rsa2048.pem" --selector k1
ok "under the selector that was asked for" \
	grep -q '^k1._domainkey.news.example	v=DKIM1; k=rsa; p=' letters.mbox.keys
ok "newsletters signed with two given keys of a type" signed 2 \
	--sign "$keys/rsa2048.pem" --sign "$keys/rsa3072.pem"
is "each has a name" "$(cut -d . -f 1 letters.mbox.keys | xargs)" "rsa rsa-2"
is "that its signatures have" "$(grep -o ' s=rsa[-2]*;' letters.mbox | sort |
	uniq -c | xargs)" "20 s=rsa-2; 20 s=rsa;"
ok "two that are made, and a given one" signed 3 --sign ed25519 \
	--sign rsa1024 --sign "$keys/ed25519.pem"
is "have names, too" "$(cut -d . -f 1 letters.mbox.keys | xargs)" \
	"ed25519 rsa1024 ed25519-2"

"$mkcorpus" --kind hostile --count 300 --seed 5 hostile.mbox
run verify --keys hostile.mbox.keys --at message --quiet -j1 \
	--report ndjson:hostile.found hostile.mbox
is "hostile mail is verified" "$status" 1
is "one verdict for each message" "$(grep -c '"result"' hostile.found)" 300
run verify --keys hostile.mbox.keys --at message --quiet -j2 --cpu scalar \
	--report ndjson:hostile.scalar hostile.mbox
ok "the same by other code" cmp hostile.found hostile.scalar
"$mkcorpus" --kind hostile --count 150 --seed 6 --crlf --format eml attack
run verify --keys attack.keys --at message --quiet -j2 \
	--report ndjson:attack.found attack
is "one for each file of a folder" "$(grep -c '"result"' attack.found)" 150
install -m 600 "$keys/ed25519.pem" ed25519.pem
run sign --key ed25519.pem --domain example.com --selector s --quiet \
	--report ndjson:attack.signed -o attack.mbox attack
is "and one for each when it is signed" \
	"$(grep -c '"result"' attack.signed)" 150

# wrong TEXT OPTION...: exit status 2, and a word about it.
wrong() {
	local text=$1 status=0
	shift
	"$mkcorpus" "$@" 2>err || status=$?
	[ "$status" -eq 2 ] && grep -qF -- "$text" err
}
ok "an unknown kind" wrong "there is newsletter identical" --kind letter x
ok "an unknown share" wrong "names that --help has" --shares dog=1 x
ok "too much in all" wrong "more than 100 percent" --shares body=99 x
ok "a truth nobody knows" wrong "known of an archive only" --truth t x
ok "keys of nothing" wrong "nothing is signed" --keys k x
ok "a folder on standard output" wrong "only an mbox" --format eml -
ok "no key in the file" wrong "no RSA or Ed25519 key" \
	--sign "$keys/README.md" x
ok "an archive is signed by files" wrong "it is a file" \
	--kind archive --sign rsa2048 x
ok "shares of newsletters" wrong "add --kind archive" --shares body=1 x
ok "a domain of an archive" wrong "has its own" \
	--kind archive --domain example.org x
ok "a domain of hostile mail" wrong "has its own" \
	--kind hostile --domain example.org x
for kind in newsletter identical archive; do
	for kb in 0 1; do
		ok "$kind of $kb KB" wrong "--mean-kb $kb: the least is 2" \
			--kind $kind --mean-kb $kb x
	done
done
ok "a size of hostile mail" wrong "sizes of its own" \
	--kind hostile --mean-kb 20 x
for number in " -1" -1 +1 " 1" 1x ""; do
	ok "the number '$number'" wrong "not a number" --seed "$number" x
done
ok "nothing was made of all that" test ! -e x

# Truth would be wrong: it says that what a given key signed verifies.
openssl genrsa -traditional -out weak.pem 768 2>/dev/null
ok "an archive's key that is too short" wrong "make one of 2048" \
	--kind archive --sign "$PWD/weak.pem" x
ok "which is good for hostile mail" "$mkcorpus" --kind hostile --count 5 \
	--sign "$PWD/weak.pem" weak.mbox
echo kept >x
ok "a key that is no file" wrong "No such file" --sign ./none.pem x
ok "a short key" wrong "768 bits" --kind archive --sign ./weak.pem x
is "they leave OUT as it was" "$(cat x)" kept
ok "and nothing beside it" test ! -e x.keys -a ! -e x.truth

label=$(printf 'a%.0s' {1..63})
# name LETTERS: a domain of so many, in labels as long as there can be.
name() {
	local labels=$label.$label.$label.$label
	echo "${labels:0:$1}"
}
# made ARGUMENT...: newsletters that verify.
made() {
	"$mkcorpus" --count 5 --mean-kb 4 --sign ed25519 "$@" long.mbox &&
		run verify --keys long.mbox.keys --quiet long.mbox &&
		[ "$status" -eq 0 ]
}
ok "newsletters of the longest domain" \
	"$mkcorpus" --count 5 --mean-kb 4 --domain "$(name 253)" long.mbox
is "are those of it" "$(grep -c "^From: .* <letter@$(name 253)>\$" long.mbox)" 5
ok "they cannot be smaller" wrong "--mean-kb 3: the least is 4" \
	--mean-kb 3 --domain "$(name 253)" x
ok "the longest that has keys" made --domain "$(name 234)"
ok "the longest selector" made --selector "$(name 230)"
ok "a domain that is too long" wrong "no domain name" --domain "$(name 254)" x
ok "one whose keys have no name" wrong "shorten it" \
	--sign ed25519 --domain "$(name 235)" x
ok "one whose second key of a type has none" wrong "shorten it" \
	--sign ed25519 --sign ed25519 --domain "$(name 233)" x
ok "a selector that is too long for it" wrong "shorten it" \
	--sign ed25519 --selector "$(name 231)" x
ok "a label that is too long" wrong "no domain name" --domain "a$label.b" x
for name in . a..b .a a. "a b" a@b ""; do
	ok "the domain '$name'" wrong "no domain name" --domain "$name" x
	ok "the selector '$name'" wrong "no domain name" --sign ed25519 \
		--selector "$name" x
done
ok "a selector of thousands" wrong "no domain name" --sign ed25519 \
	--selector "$(printf 'a%.0s' {1..5000})" x
finish
