#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What bench/compare says of runs that are made up: noise, losses, one bad run.
echo 1..23
number=0
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# runs FILE NAME RATIO...: a run each.
runs() {
	local file=$1 name=$2 ratio
	shift 2
	for ratio; do
		printf '{"group":"canon","name":"%s","variant":"avx2",' "$name"
		printf '"baseline":"scalar","unit":"GB/s","value":1,'
		printf '"baseline_value":1,"ratio":%s,"spread":0.02,' "$ratio"
		printf '"rounds":31}\n'
	done >>"$work/$file"
}

# says STATUS WORDS ARGUMENT...
says() {
	local wanted=$1 words=$2 status=0
	shift 2
	bench/compare "$@" >"$work/out" 2>&1 || status=$?
	number=$((number + 1))
	if [ "$status" -ne "$wanted" ] || ! grep -q -- "$words" "$work/out"; then
		printf 'not '
		sed 's/^/# /' "$work/out" >&2
	fi
	echo "ok $number - exit $wanted, '$words': ${*##*/}"
}

runs old a 4.00 4.04 3.98 4.02 4.01
runs noise a 4.02 3.97 4.05 3.99 4.03
runs loss a 3.60 3.64 3.58 3.62 3.63
runs outlier a 4.01 2.10 4.02 3.99 4.00
runs gain a 8.00 8.04 7.98 8.02 8.01
runs other b 8.00
says 0 "1 compared, 0 slower" "$work/old" "$work/noise"
says 1 "1 compared, 1 slower" "$work/old" "$work/loss"
says 0 "0 slower" "$work/old" "$work/outlier"
says 0 "0 slower" "$work/old" "$work/gain"
says 0 "0 slower by more than 15%" "$work/old" "$work/loss" --fail-over 15%
says 2 "no item is in both" "$work/old" "$work/other"
says 2 "write 5%" "$work/old" "$work/noise" --fail-over five

# What two runs can say, and what is not clear from ten.
runs once-old a 4.00
runs once-less a 2.10
runs once-lost a 1.90
runs apart a 3.60 4.02 3.64 3.62 3.63
runs more a 4.00
runs more b 8.00
says 0 "0 slower by more than 5%, 1 open" "$work/once-old" "$work/once-less"
says 1 "1 slower" "$work/once-old" "$work/once-lost"
says 0 "0 slower by more than 5%, 1 open" "$work/old" "$work/apart"
says 0 "1 only in .*more" "$work/more" "$work/once-old"
says 0 "1 only in .*more" "$work/once-old" "$work/more"

# As slow for a while as the machine was for both.
runs slow-old c 4.0 3.0 4.1
runs slow-new c 4.0 3.0 4.1
says 0 "0 slower" "$work/slow-old" "$work/slow-new"

count='"group":"io","name":"mbox-scan","variant":"mbox","baseline":"memcpy"'
echo "{$count,\"instructions\":1000}" >"$work/exact-old"
echo "{$count,\"instructions\":1100}" >"$work/exact-new"
says 1 "1 slower" "$work/exact-old" "$work/exact-new"
says 0 "0 slower" "$work/exact-old" "$work/exact-old"

# processes FILE SLOWER...: a process each, so many percent slower than one that
# takes 100, 101, 102, ... ns: the machine becomes slower and slower.
processes() {
	local file=$1 percent
	shift
	for percent; do
		printf '{"group":"canon","name":"d","variant":"avx2",'
		printf '"baseline":"scalar","samples":['
		awk -v p="$percent" -v new="${file#*-}" 'BEGIN {
			for (i = 0; i < 20; i++)
				printf "%s%.3f", i ? "," : "",
					(100 + i + (new == "new") / 2) * (1 + p / 100)
		}'
		echo ']}'
	done >"$work/$file"
}

processes seven-old 0 0 0 0 0 0 0
processes seven-new 9 10 8 11 10 9 10
says 1 "1 slower by more than 5%, 0 open" "$work/seven-old" "$work/seven-new"
processes seven-new 2 -3 1 0 -1 4 0
says 0 "0 slower by more than 5%, 0 open" "$work/seven-old" "$work/seven-new"
processes seven-new 9 10 2 11 10 9 10
says 0 "0 slower by more than 5%, 1 open" "$work/seven-old" "$work/seven-new"
processes five-old 0 0 0 0 0
processes five-new 10 10 10 10 10
says 0 "0 slower by more than 5%, 1 open" "$work/five-old" "$work/five-new"
bench/compare "$work/five-old" "$work/five-new" --states "$work/states" \
	>"$work/out"
number=$((number + 1))
[ "$(cat "$work/states")" = "open canon/d avx2 scalar" ] || printf 'not '
echo "ok $number - --states names what is open"
# Fourteen: two may be elsewhere.
processes many-old 0 0 0 0 0 0 0 0 0 0 0 0 0 0
processes many-new 10 10 10 10 0 10 10 10 10 -5 10 10 10 10
says 1 "1 slower" "$work/many-old" "$work/many-new"
processes many-new 10 10 10 10 0 10 10 0 10 -5 10 10 10 10
says 0 "1 open" "$work/many-old" "$work/many-new"
sed 's/,[0-9.]*]/]/' "$work/five-new" >"$work/short-new"
says 2 "do not go together" "$work/five-old" "$work/short-new"
