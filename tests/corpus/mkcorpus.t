#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mkcorpus gives the same bytes under every compiler and on every machine.
# When a change to the generator is meant, put the new sums here and say so.
echo 1..17
mkcorpus=$B/mkcorpus
number=0

same() {
	local sum=$1
	shift
	number=$((number + 1))
	found=$("$mkcorpus" "$@" --count 500 - | sha256sum | cut -c 1-16)
	[ "$found" = "$sum" ] || printf 'not '
	echo "ok $number - mkcorpus $* (sum $found)"
}

same 447757a96089208d --seed 1
same f4b2334df2d99e80 --seed 3 --kind identical --domain news.example.org
same a32ee8c842be2de0 --seed 4 --mean-kb 10
same bb4ced6afc5f4f8c --seed 2 --mean-kb 5 --crlf
same 7263bb91ca2bc4d2 --seed 5 --mean-kb 2 --kind identical

# is_mean KB OPTION...: within 3 percent, the separators of an mbox aside.
is_mean() {
	local kb=$1
	shift
	number=$((number + 1))
	found=$("$mkcorpus" --mean-kb "$kb" "$@" --count 3000 - | LC_ALL=C awk '
		/^From bounces@/ { messages++; bytes--; next }
		{ bytes += length($0) + 1 }
		END { print bytes / messages }')
	awk "BEGIN { exit !($found > 1024 * $kb * 0.97 &&
		$found < 1024 * $kb * 1.03) }" || printf 'not '
	echo "ok $number - mean of $kb KB $* (found $found bytes)"
}
for kb in 2 3 5 10 20; do
	is_mean $kb
done
for kb in 2 5; do
	is_mean $kb --kind identical
	is_mean $kb --kind archive
done
is_mean 3 --domain "a-rather-long-name.of-some-sender.example.org"

# Small newsletters are newsletters all the same.
number=$((number + 1))
fields=$("$mkcorpus" --mean-kb 2 --count 100 - | LC_ALL=C grep -cE \
	'^((From|To|Subject|Date|Message-ID|List-Unsubscribe(-Post)?|MIME-Version): |Content-Type: (multipart/alternative|text/plain|text/html);)')
[ "$fields" -eq 1100 ] || printf 'not '
echo "ok $number - fields of small newsletters (found $fields)"

number=$((number + 1))
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
"$mkcorpus" --count 40 --format maildir "$work/box" || printf 'not '
files=$(find "$work/box/new" "$work/box/cur" -type f | wc -l)
[ "$files" -eq 40 ] || printf 'not '
echo "ok $number - a Maildir has a file for each message"
