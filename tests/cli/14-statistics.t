#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What operators see: --stats, --metrics, -v.
. tests/cli/lib.sh

make_keys
mbox 300 >in.mbox
message 1 >m.eml
sed 's/^From:.*/Sender: nobody@example.com/' m.eml >bad.eml

# Statistics.
run sign "${rsa[@]}" -j 2 -o out.mbox --stats json:stats.json in.mbox
is "sign: exit status" "$status" 0
is "one object" "$(wc -l <stats.json)" 1
is "what was done" \
	"$(json stats.json 'join " ", @$r{qw(command state jobs messages signed signatures skipped unreadable)}')" \
	"sign complete 2 300 300 300 0 0"
is "bytes of the input" "$(json stats.json '$r->{bytes}')" \
	"$(stat -c %s in.mbox)"
is "bytes of the output" "$(json stats.json '$r->{stages}{commit}{bytes}')" \
	"$(stat -c %s out.mbox)"
is "every stage is there" \
	"$(json stats.json 'join " ", sort keys %{$r->{stages}}')" \
	"begin bodies commit compose deliver finish format headers keys lanes read split wait"
is "stages that take time and those that do not" \
	"$(json stats.json 'join " ", map { $r->{stages}{$_}{seconds} > 0 ? 1 : 0 } qw(read bodies lanes keys)')" \
	"1 1 1 0"
is "the workers' time is what passed, for each of them" \
	"$(json stats.json 'my $t = 0; $t += $_->{seconds} for values %{$r->{stages}}; $t > 0 && $t < 2.1 * $r->{elapsed_seconds} ? "yes" : $t')" \
	yes
is "latency: every message is in a bucket" \
	"$(json stats.json 'my $n = 0; $n += $_->{messages} for @{$r->{latency}{buckets}}; "$n $r->{latency}{messages}"')" \
	"300 300"
is "latency: ranks rise" \
	"$(json stats.json 'my $l = $r->{latency}; my @p = @$l{qw(p50_seconds p90_seconds p99_seconds p999_seconds max_seconds)}; (grep { $p[$_] < $p[$_ - 1] } 1 .. 4) ? "@p" : $p[0] > 0')" \
	1
ok "-j 1: no batch waits for its turn" bash -c \
	'"$0" sign "${@}" -j 1 -o one.mbox --stats json:one.json in.mbox' \
	"$SEALPRESS" -q "${rsa[@]}"
is "-j 1: no batch waits for its turn: queue" \
	"$(json one.json '$r->{queue}{max}')" 0

run verify -j 1 --keys keys.zone --report ndjson:v.ndjson --stats json:- \
	out.mbox
is "verify: exit status" "$status" 0
is "- is standard output" \
	"$(json out 'join " ", $r->{command}, $r->{results}{pass}, $r->{key_cache}{misses}')" \
	"verify 300 1"
run verify --keys keys.zone --stats json:- out.mbox
is "statistics on standard output: nothing else is there" \
	"$(wc -l <out) $(grep -c '^sealpress: verified 300' err)" "1 1"
run sign "${rsa[@]}" --stats json:bad.json -o bad.mbox bad.eml m.eml
is "not signed: exit status" "$status" 1
is "not signed: by reason" \
	"$(json bad.json 'join " ", @$r{qw(signed skipped)}, $r->{reasons}{ok}, $r->{reasons}{"from-missing"}')" \
	"1 1 1 1"

refused "statistics: format" "is not json:PATH" \
	sign "${rsa[@]}" -o x.mbox --stats stats.json in.mbox
refused "statistics: empty path" "is not json:PATH" \
	sign "${rsa[@]}" -o x.mbox --stats json: in.mbox
refused "statistics: over the input" "in.mbox" \
	sign "${rsa[@]}" -o x.mbox --stats json:in.mbox in.mbox
refused "statistics: standard output is taken" "standard output" \
	sign "${rsa[@]}" -o - --stats json:- in.mbox
refused "statistics: no folder" "nowhere" \
	sign "${rsa[@]}" -o x.mbox --stats json:nowhere/stats.json in.mbox

# Metrics.
run sign "${rsa[@]}" -j 2 -o out.mbox --metrics m.prom in.mbox
is "metrics: exit status" "$status" 0
# Every sample has HELP and TYPE above it, counters end in _total, and no
# series is there twice.
ok "metrics: well-formed" perl -ne '
	BEGIN { $type = "" }
	chomp;
	if (/^# HELP (\w+) \S/) { $help = $1; next }
	if (/^# TYPE (\w+) (counter|gauge|histogram)$/) {
		($name, $type) = ($1, $2);
		die "TYPE without HELP: $_\n" if $name ne $help;
		die "counter: $_\n"
			if ($type eq "counter") != ($name =~ /_total$/);
		next;
	}
	/^(\w+)(\{\w+="[^"\\]*"(,\w+="[^"\\]*")*\})? (\d+(\.\d+)?)$/
		or die "no sample: $_\n";
	($base, $series) = ($1, $1 . ($2 // ""));
	$base =~ s/_(bucket|sum|count)$// if $type eq "histogram";
	die "no TYPE: $_\n" if $base ne $name;
	die "twice: $_\n" if $seen{$series}++;
	END { die "few\n" if keys %seen < 50 }' m.prom
is "metrics: what was done" \
	"$(grep -E '^sealpress_(messages_total|info|workers|message_latency_seconds_count|message_latency_seconds_bucket.*Inf.*)( |\{)' m.prom)" \
	'sealpress_info{version="0.1.0",command="sign",state="complete"} 1
sealpress_workers 2
sealpress_messages_total 300
sealpress_message_latency_seconds_bucket{le="+Inf"} 300
sealpress_message_latency_seconds_count 300'
ok "metrics: buckets never fall" perl -ne '
	next unless /_bucket\{le="[^"]+"\} (\d+)/;
	die if $1 < ($last // 0);
	$last = $1' m.prom
ok "metrics: no partial file stays" bash -c '! compgen -G "m.prom.*"'

# While the run goes on: it waits for its input until the file says so.
mkfifo pipe
"$SEALPRESS" sign "${rsa[@]}" -j 1 -o slow.mbox --metrics slow.prom \
	--metrics-interval 1 --format mbox - <pipe 2>err &
pid=$!
exec 3>pipe
for ((i = 0; i < 200; i++)); do
	grep -q 'state="running"' slow.prom 2>/dev/null && break
	sleep 0.05
done
ok "metrics: there from the beginning" grep -q 'state="running"' slow.prom
inode=$(stat -c %i slow.prom)
for ((i = 0; i < 200; i++)); do
	[ "$(stat -c %i slow.prom)" = "$inode" ] || break
	sleep 0.05
done
ok "metrics: replaced again and again" [ "$(stat -c %i slow.prom)" != "$inode" ]
cat in.mbox >&3
exec 3>&-
wait "$pid"
is "metrics: the run ends well" "$?" 0
ok "metrics: and so does the file" grep -q 'state="complete"' slow.prom
ok "waiting for input is waiting, not reading" perl -ne '
	$s{$1} = $2 if /^sealpress_stage_seconds_total\{stage="(\w+)"\} (\S+)/;
	END { exit !($s{wait} > $s{read}) }' slow.prom

refused "metrics: not a file" "name one" \
	sign "${rsa[@]}" -o x.mbox --metrics - in.mbox
refused "metrics: interval" "--metrics-interval" \
	sign "${rsa[@]}" -o x.mbox --metrics-interval 0 in.mbox
refused "metrics: over the output" "x.mbox" \
	sign "${rsa[@]}" -o x.mbox --metrics x.mbox in.mbox

# In words.
run sign "${rsa[@]}" -v -j 1 -o out.mbox in.mbox
ok "-v: shares of the stages" grep -q '^sealpress: time of 1 worker: .*lanes' err
ok "-v: latency" grep -q '^sealpress: latency: half within' err
run sign "${rsa[@]}" -j 1 -o out.mbox in.mbox
is "without -v: one line" "$(wc -l <err)" 1

finish
