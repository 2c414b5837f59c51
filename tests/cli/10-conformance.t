#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Messages from the tests of other projects (../shared/conformance), through
# the program: the class of every verdict, now and before RFC 8301.
shared=${SEALPRESS_SHARED:-$PWD/../shared}/conformance
. tests/cli/lib.sh

if [ ! -e "$shared/manifest.tsv" ]; then
	skip "verdicts of the conformance messages" "no shared/conformance"
	finish
	exit 0
fi

# What is expected, one class per signature: "id expected".
perl -F'\t' -lane '
	next if $. == 1;
	my @verdicts = map {
		my ($now, $then) = /^(\w+)(?:.*;legacy=(\w+))?/;
		"$now/" . ($then // $now);
	} split /,/, $F[4];
	print "$F[0] ", join ",", $F[4] eq "none" ? () : @verdicts;
' "$shared/manifest.tsv" | sort >expected

# One run for all messages with the same keys and clock.
tail -n +2 "$shared/manifest.tsv" | cut -f4,6 | sort -u >runs
while IFS=$'\t' read -r keys time; do
	[ "$time" != - ] || time=now
	awk -F'\t' -v keys="$keys" -v time="${time/now/-}" -v dir="$shared" \
		'$4 == keys && $6 == time {print dir "/messages/" $1 ".eml"}' \
		"$shared/manifest.tsv" >list
	"$SEALPRESS" verify --keys "$shared/$keys" --at "$time" --historical \
		--max-signatures 100 --quiet \
		--report ndjson:- --files-from list 2>>err
done <runs >records
json records '(my $id = $r->{path}) =~ s{.*/(.*)\.eml}{$1};
	"$id " . join ",", map { "$_->{result}/$_->{legacy_result}" }
		@{$r->{signatures}}' | sort >got

echo "# $(wc -l <got) messages"
is "every message has a record" "$(wc -l <got)" "$(wc -l <expected)"
is "verdicts of the conformance messages" "$(diff expected got)" ""
finish
