#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# verify --add-authres (RFC 8601 section 5): one true field, no forged ones.
. tests/cli/lib.sh

make_keys
message 1 >m.eml
"$SEALPRESS" sign "${rsa[@]}" "${ed[@]}" - <m.eml >signed.eml 2>/dev/null
add=(verify --keys keys.zone --add-authres mx.example.net)

run "${add[@]}" -o - signed.eml
is "exit status" "$status" 0
cp out copy.eml
is "the field stands on top" \
	"$(head -n 1 copy.eml | cut -d' ' -f1-2)" \
	"Authentication-Results: mx.example.net;"
perl -0777 -pe 's/\A(Authentication-Results:.*?\n)(?![ \t])//s; print STDERR $1' \
	copy.eml >below 2>field
ok "below it is the message, byte for byte" cmp below signed.eml
is "a pass per signature" "$(grep -o 'dkim=pass' field | wc -l)" 2
for part in header.d=example.com header.s=s1 header.s=e1 \
	header.a=rsa-sha256 header.a=ed25519-sha256 header.b=; do
	ok "$part" grep -q "$part" field
done
ok "lines for people went to standard error" grep -q 'results: pass 1' err

# Fields that claim to be ours go, others stay.
{
	echo 'Authentication-Results: mx.example.net; dkim=pass header.d=bank.example'
	printf 'Authentication-Results:\n\tMX.Example.NET (really) 1;\n dkim=pass\n'
	echo 'Authentication-Results: other.example; spf=pass'
	echo 'authentication-results: "mx.example.net"; dkim=pass'
	cat signed.eml
} >forged.eml
run "${add[@]}" -o - forged.eml
is "forged fields: removed, foreign one kept" \
	"$(grep -ci '^authentication-results:' out) $(grep -c other.example out)" \
	"2 1"
is "forged fields: nothing of them is left" "$(grep -c 'bank\|really' out)" 0
cp out authres.eml
run verify --keys keys.zone authres.eml
is "the signatures still verify" "$status" 0

# Values of hostile signatures stay inside the field.
{
	echo 'DKIM-Signature: v=1; a=rsa-sha256; d=evil.example; s=x;'
	printf '\ti="a\r\n b; dkim=pass header.d=bank.example"@evil.example;\n'
	printf '\th=from; bh=AAAA; b=AAAA\n'
	printf 'DKIM-Signature: v=1; a=rsa-sha256; d=e\001vil;dkim=pass; s=(x\n'
	cat m.eml
} >hostile.eml
run "${add[@]}" -o - hostile.eml
perl -0777 -ne 'print $1 if /\A(Authentication-Results:.*?\n)(?![ \t])/s' \
	out >field
is "hostile values: no pass" "$(grep -c 'dkim=pass' field)" 0
is "hostile values: still one field, and the message below it" \
	"$(tail -c +$(($(stat -c %s field) + 1)) out | cmp - hostile.eml && echo same)" \
	same
is "hostile values: no control bytes" \
	"$(tr -d '\t\n\r' <field | grep -c '[[:cntrl:]]')" 0

# Every kind of output; messages that fail have their field too.
mbox 3 >in.mbox
run "${add[@]}" -o out.mbox in.mbox
is "unsigned mbox: exit status" "$status" 1
is "unsigned mbox: dkim=none for each" "$(grep -c 'dkim=none' out.mbox)" 3
maildir in 3
run "${add[@]}" -o copy/ in
is "Maildir: a field in each" \
	"$(grep -l '^Authentication-Results: mx.example.net' -r copy | wc -l)" 3
crlf <signed.eml >crlf.eml
run "${add[@]}" -o - crlf.eml
is "CRLF mail: every line ends so" "$(grep -cv $'\r$' out)" 0
# A header that is not read to its end may forge what it likes further down:
# the message does not leave, in whatever form and size.
bomb() { # FIELDS BODY-LINES
	echo 'Authentication-Results: mx.example.net; dkim=pass'
	echo 'From: a@example.com'
	seq -f 'X-%.0f: 1' "$1"
	echo 'Authentication-Results: mx.example.net; dkim=pass'
	printf '\nbody\n\nFrom here\n'
	[ "$2" = 0 ] || yes 'a line of the body' | head -n "$2"
}
bomb 12000 0 >bomb.eml
bomb 12000 200000 >large.eml
{
	printf 'From x\n'
	cat m.eml
	printf '\nFrom x\n'
	bomb 12000 0 | sed 's/^From here/>&/'
} >bomb.mbox
for input in bomb.eml large.eml; do
	for output in bomb.out bomb.mbox.out bomb.dir/; do
		run "${add[@]}" -o "$output" "$input"
		is "header bomb, $input to $output: exit status" "$status" 1
		is "header bomb, $input to $output: no copy" \
			"$(cat bomb.out bomb.mbox.out bomb.dir/*/* 2>/dev/null |
				wc -c)" 0
		ok "header bomb, $input to $output: says so" \
			grep -q "$input.*not written" err
		rm -rf bomb.out bomb.mbox.out bomb.dir
	done
done
run "${add[@]}" -o - bomb.mbox
is "header bomb in an mbox: only the other message leaves" \
	"$(grep -c '^From ' out) $(grep -c 'dkim=none' out)" "1 1"

# No field can stand above white space, but the forged ones go.
{
	printf ' x\nAuthentication-Results: mx.example.net; dkim=pass\n'
	cat m.eml
} >space.eml
run "${add[@]}" -o - space.eml
is "white space first: the forged field goes" \
	"$(grep -vi '^authentication-results' space.eml | cmp - out && echo same)" \
	same

finish
