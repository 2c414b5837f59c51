#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Keys: files, modes, records (RFC 6376 3.6.1, RFC 8463 section 4).
. tests/cli/lib.sh

public_of() { # KEYFILE: base64 of the public key by OpenSSL
	openssl pkey -in "$1" -pubout -outform DER | openssl base64 -A
}
value_of() { # the strings of the record in out, joined
	sed -n 's/^\t"\(.*\)".*/\1/p' out | tr -d '\n'
}

umask 0
for bits in 1024 2048 3072 4096; do
	run keygen --domain example.com --selector "r$bits" --bits "$bits" \
		-o "r$bits.pem"
	is "RSA $bits: exit status" "$status" 0
	is "RSA $bits: mode of the key file" "$(stat -c %a "r$bits.pem")" 600
	ok "RSA $bits: PKCS#8" grep -q '^-----BEGIN PRIVATE KEY-----$' "r$bits.pem"
	ok "RSA $bits: a sound key of that size" sh -c "
		openssl pkey -in r$bits.pem -check -noout -text |
			grep -q '($bits bit'"
	is "RSA $bits: the record is its public half" "$(value_of)" \
		"v=DKIM1; k=rsa; p=$(public_of "r$bits.pem")"
	is "RSA $bits: no string above 255 bytes" \
		"$(grep -cE '"[^"]{256,}"' out)" 0
	ok "RSA $bits: the plain value stands there too" \
		grep -qxF "; v=DKIM1; k=rsa; p=$(public_of "r$bits.pem")" out
	ok "RSA $bits: named in full" \
		grep -q "^r$bits\._domainkey\.example\.com\. IN TXT (" out
done
run keygen --domain example.com --selector small --bits 1024 -o small.pem
ok "RSA 1024: a warning" grep -q 'warning: .*RFC 8301' err

run keygen --domain example.com --selector e1 --type ed25519 -o e1.pem
is "Ed25519: exit status" "$status" 0
is "Ed25519: mode of the key file" "$(stat -c %a e1.pem)" 600
is "Ed25519: the record is the raw public key" "$(value_of)" \
	"v=DKIM1; k=ed25519; p=$(openssl pkey -in e1.pem -pubout -outform DER |
		tail -c 32 | openssl base64 -A)"
run keygen --domain example.com --selector t1 --type ed25519 --testing \
	-o t1.pem
ok "--testing: t=y in the record" grep -q 'k=ed25519; t=y; p=' out

run keygen --domain example.com --selector d1 -o d1.pem
is "RSA 2048 unless said otherwise" \
	"$(openssl pkey -in d1.pem -noout -text | grep -c '2048 bit')" 1

run keygen --domain bücher.example --selector 'é1' --type ed25519 -o u.pem
ok "names beyond ASCII become A-labels (RFC 8616)" \
	grep -q '^xn--1-9fa\._domainkey\.xn--bcher-kva\.example\. IN TXT' out

cp d1.pem before
refused "an existing file" "--force" \
	keygen --domain example.com --selector d1 -o d1.pem
ok "is not touched" cmp d1.pem before
ln -s nowhere dangling
refused "a dangling link" "--force" \
	keygen --domain example.com --selector d1 --type ed25519 -o dangling
run keygen --domain example.com --selector d1 --type ed25519 -o d1.pem --force
is "--force: exit status" "$status" 0
ok "--force replaces it" grep -q 'PRIVATE KEY' d1.pem
ok "--force: with another key" test "$(cmp -s d1.pem before; echo $?)" = 1
mkdir folder.pem
refused "--force on a folder" "is a folder" keygen --domain example.com \
	--selector d1 --type ed25519 -o folder.pem --force

refused "no selector" "give --domain DOMAIN and --selector NAME" \
	keygen --domain example.com -o x.pem
refused "no key file" "give -o KEYFILE" \
	keygen --domain example.com --selector s1
refused "key to standard output" "belongs in a file" \
	keygen --domain example.com --selector s1 -o -
refused "too few bits" "from 1024 to 4096" \
	keygen --domain example.com --selector s1 --bits 512 -o x.pem
refused "odd bits" "multiple of 8" \
	keygen --domain example.com --selector s1 --bits 2050 -o x.pem
refused "bits of Ed25519" "goes with --type rsa" \
	keygen --domain example.com --selector s1 --type ed25519 --bits 2048 \
	-o x.pem
refused "no domain name" "no domain name" \
	keygen --domain 'exa mple.com' --selector s1 -o x.pem
refused "bad selector" "--selector" \
	keygen --domain example.com --selector 'a..b' -o x.pem
refused "stray operand" "nothing but options" \
	keygen --domain example.com --selector s1 -o x.pem extra
refused "no such folder" "nowhere/x.pem: cannot be made: No such file" \
	keygen --domain example.com --selector s1 --type ed25519 \
	-o nowhere/x.pem

mkdir clean
"$SEALPRESS" keygen --domain example.com --selector s1 --type ed25519 \
	-o clean/x.pem >/dev/full 2>err
is "record not printed: exit status" "$?" 2
is "record not printed: no key either" "$(find clean -type f)" ""
"$SEALPRESS" keygen --domain example.com --selector s1 --type ed25519 \
	-o clean/x.pem >&- 2>err
is "standard output closed: exit status" "$?" 2
is "standard output closed: no key with a record in it" \
	"$(find clean -type f)" ""
run keygen --domain example.com --selector s1 --type ed25519 -o clean/x.pem
is "nothing but the key is left in the folder" "$(ls clean)" x.pem
finish
