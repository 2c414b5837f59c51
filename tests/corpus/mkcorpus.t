#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mkcorpus gives the same bytes under every compiler and on every machine.
# When a change to the generator is meant, put the new sums here and say so.
echo 1..4
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
same 02e998bf5aa0dd2b --seed 2 --mean-kb 5 --crlf
same f4b2334df2d99e80 --seed 3 --kind identical --domain news.example.org

number=4
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
"$mkcorpus" --count 40 --format maildir "$work/box" || printf 'not '
files=$(find "$work/box/new" "$work/box/cur" -type f | wc -l)
[ "$files" -eq 40 ] || printf 'not '
echo "ok $number - a Maildir has a file for each message"
