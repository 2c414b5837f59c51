# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Both ways with another DKIM implementation: we sign and it verifies, it signs
# and we verify, for every message of messages/ with LF and with CRLF and a few
# newsletters, for every pair of canonicalizations.
#
# A *.t file says: interop NAME ALGORITHM... -- DRIVER...
# The driver's verbs are described in opendkim_tool.c; one process takes many
# messages.

set -uo pipefail
shopt -s lastpipe # judge counts tests at the end of a pipe
here=${BASH_SOURCE[0]%/*}
sealpress=${SEALPRESS:-$B/sealpress}
domain=example.com
canons='simple/simple simple/relaxed relaxed/simple relaxed/relaxed'
number=0

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# ok DESCRIPTION, with the exit status before it
ok() {
	local status=$?
	number=$((number + 1))
	[ "$status" -eq 0 ] || printf 'not '
	echo "ok $number - $*"
	return "$status"
}

# RSA as PKCS#1 and Ed25519 as a seed, the forms that every peer reads. The
# public halves are derived by OpenSSL, not by us.
make_keys() {
	openssl genrsa -traditional -out "$work/rsa.key" 2048 2>/dev/null
	openssl genpkey -algorithm ed25519 -out "$work/ed25519.pem"
	openssl pkey -in "$work/ed25519.pem" -outform DER | tail -c 32 |
		base64 -w 0 >"$work/ed25519.key"
	chmod 600 "$work"/*.key
	{
		printf 'rsa._domainkey.%s\tv=DKIM1; k=rsa; p=%s\n' "$domain" \
			"$(openssl pkey -in "$work/rsa.key" -pubout \
				-outform DER | base64 -w 0)"
		printf 'ed25519._domainkey.%s\tv=DKIM1; k=ed25519; p=%s\n' \
			"$domain" "$(openssl pkey -in "$work/ed25519.pem" \
				-pubout -outform DER | tail -c 32 | base64 -w 0)"
	} >"$work/keys"
}

# A Maildir: each message as it is and with CRLF, and some newsletters.
make_messages() {
	local file name
	"$B/mkcorpus" --count 6 --mean-kb 30 --format maildir "$work/in"
	for file in "$here"/messages/*.eml; do
		name=$(basename "$file" .eml)
		cp "$file" "$work/in/new/$name.lf"
		perl -pe 's/\n/\r\n/' "$file" >"$work/in/new/$name.crlf"
	done
	mapfile -t messages < <(find "$work/in" -type f | sort)
}

# judge TITLE < lines "FILE VERDICT": one test for each message. What did not
# come out at all is missing, and fails.
judge() {
	local title=$1 file name
	declare -A verdicts=()
	while read -r file verdict; do
		name=${file##*/}
		verdicts[${name%%[:,]*}]=$verdict
	done
	for file in "${messages[@]}"; do
		name=${file##*/}
		name=${name%%[:,]*}
		verdict=${verdicts[$name]-missing}
		[ "$verdict" = pass ]
		ok "$title: $name" || echo "# $verdict"
	done
}

sealpress_sign() {
	"$sealpress" sign --quiet -c "$canon" -o "$work/out/" "$@" "$work/in"
}

key_options() {
	echo --key "$work/$1.key" --domain "$domain" --selector "$1"
}

# Verdicts of ours, "FILE VERDICT", from the report.
sealpress_verify() {
	"$sealpress" verify --quiet --no-dns --keys "$work/keys" \
		--report ndjson:- "$@" | perl -MJSON::PP -ne '
		my $r = decode_json($_);
		my @bad = grep { $_->{result} ne "pass" } @{ $r->{signatures} };
		print "$r->{path} ", @bad ? $bad[0]{reason} : $r->{result}, "\n"'
}

fresh_output() {
	rm -rf "$work/out"
	[ "${1-}" = maildir ] || mkdir "$work/out"
}

they_verify_ours() {
	local key
	for canon in $canons; do
		for key in "$@"; do
			fresh_output maildir
			# shellcheck disable=SC2046
			sealpress_sign $(key_options "$key")
			mapfile -t ours < <(find "$work/out" -type f)
			"${peer[@]}" verify "$work/keys" "${ours[@]}" |
				judge "$name verifies ours, $key $canon"
		done
	done
}

we_verify_theirs() {
	local key
	for canon in $canons; do
		for key in "$@"; do
			fresh_output
			"${peer[@]}" sign "$work/$key.key" "$key" "$domain" \
				"$canon" "$work/out" "${messages[@]}"
			sealpress_verify "$work/out" |
				judge "we verify $name, $key $canon"
		done
	done
}

# Two signatures at once, both good in the peer's eyes.
they_verify_both() {
	canon=relaxed/relaxed
	fresh_output maildir
	# shellcheck disable=SC2046
	sealpress_sign $(key_options rsa) $(key_options ed25519)
	mapfile -t ours < <(find "$work/out" -type f)
	"${peer[@]}" verify "$work/keys" "${ours[@]}" |
		judge "$name verifies two signatures of ours"
}

# Verdicts mean something: one letter of the body changed, and nobody passes.
nobody_passes_forgeries() {
	local passes
	canon=relaxed/relaxed
	fresh_output
	"${peer[@]}" sign "$work/rsa.key" rsa "$domain" "$canon" "$work/out" \
		"$work/in/new/plain.lf" "$work/in/new/plain.crlf"
	sed -i 's/the lamp is ready/the lamp is Ready/' "$work"/out/*
	passes=$(sealpress_verify "$work/out" | grep -c ' pass$')
	[ "$passes" -eq 0 ]
	ok "we do not pass what was changed after $name signed it"
	passes=$("${peer[@]}" verify "$work/keys" "$work"/out/* |
		grep -c ' pass$')
	[ "$passes" -eq 0 ]
	ok "$name does not pass what was changed"
}

interop() {
	local algorithms=()
	name=$1
	shift
	while [ "$1" != -- ]; do
		algorithms+=("$1")
		shift
	done
	shift
	peer=("$@")
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	make_keys
	make_messages
	they_verify_ours "${algorithms[@]}"
	we_verify_theirs "${algorithms[@]}"
	[ "${#algorithms[@]}" -lt 2 ] || they_verify_both
	nobody_passes_forgeries
	echo "1..$number"
}
