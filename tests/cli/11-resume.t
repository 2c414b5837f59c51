#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --resume: whatever ends a run, the same command goes on, and every message is
# written once.
# What is slow about syncing is not what is tested.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. tests/cli/lib.sh

make_keys
sign=(sign "${rsa[@]}" --timestamp 1700000000)
count=400

perl -e '
	for my $i (0 .. $ARGV[0] - 1) {
		print "From a\@example.com Fri Sep 13 08:00:00 2024\n";
		print "From: a\@example.com\nSubject: $i\n\n";
		print "line $_ of message $i\n" for 1 .. ($i * 7919) % 170;
		print "\n";
	}' $count >in.mbox

# box NAME: the same messages as a Maildir, with sizes and flags in the names.
box() {
	mkdir -p "$1/cur" "$1/new" "$1/tmp"
	BOX=$1 perl -0777 -ne '
		my $i = 0;
		for my $one (split /^(?=From a)/m) {
			$one =~ s/^From .*\n//;
			chop $one;
			my $to = $i % 2 ? "cur" : "new";
			my $name = sprintf "17%05d.M1.host,S=%d", $i, length $one;
			$name .= ":2,S" if $i % 2;
			open my $out, ">", "$ENV{BOX}/$to/$name" or die $!;
			print $out $one;
			$i++;
		}' in.mbox
}

# subjects FILE...: how often each message is there, as "TIMES NUMBERS".
subjects() {
	find "$@" -type f -exec cat {} + | sed -n 's/^Subject: //p' | sort |
		uniq -c | awk '{ print $1 }' | sort | uniq -c |
		awk '{ print $2 " times " $1 }'
}

# Kills the command at random moments until it has come to its end, or has been
# killed so often that it is let go. Leaves $status; adds to $kills. A command
# that comes to its end too soon is given less time the next time.
kills=0
span=0.15
killing() { # SEED COMMAND...
	perl -e '
		my $span = shift;
		srand shift;
		my $kills = 0;
		for (;;) {
			my $pid = fork;
			if ($pid == 0) {
				open STDOUT, ">", "out";
				open STDERR, ">", "err";
				exec @ARGV or die;
			}
			if ($kills < 12) {
				select undef, undef, undef, 0.005 + rand $span;
				kill KILL => $pid;
			}
			waitpid $pid, 0;
			last unless $? & 127;
			$kills++;
		}
		$span /= 2 if $kills < 6;
		print "$kills ", $? >> 8, " $span\n";' "$span" "$@" >killed
	read -r again status span <killed
	kills=$((kills + again))
}

run "${sign[@]}" -o ref.mbox --report ndjson:ref.ndjson in.mbox
run verify --keys keys.zone --at message --report csv:ref.csv ref.mbox
seed=0
while [ $kills -lt 50 ] && [ $seed -lt 20 ]; do
	seed=$((seed + 1))
	rm -rf work box
	mkdir work
	killing $seed "$SEALPRESS" "${sign[@]}" --durability message \
		-o work/out.mbox --report ndjson:work/out.ndjson \
		--resume work/journal in.mbox
	is "mbox, killed $again times: exit status" "$status" 0
	ok "mbox: as without" cmp work/out.mbox ref.mbox
	ok "mbox: its report, too" cmp work/out.ndjson ref.ndjson
	is "mbox: nothing else is left" "$(ls -C work)" \
		"journal  out.mbox  out.ndjson"

	killing $seed "$SEALPRESS" "${sign[@]}" -j 3 -o work/out/ \
		--report ndjson:work/dir.ndjson --resume work/dir.journal in.mbox
	is "mbox to Maildir, killed $again times: exit status" "$status" 0
	is "mbox to Maildir: each message once" \
		"$(subjects work/out/new)" "1 times $count"
	is "mbox to Maildir: nothing in tmp" "$(ls work/out/tmp)" ""
	ok "mbox to Maildir: its report" cmp work/dir.ndjson ref.ndjson

	box box
	killing $seed "$SEALPRESS" "${sign[@]}" -o work/copy/ \
		--resume work/copy.journal box
	is "Maildir to Maildir, killed $again times: exit status" "$status" 0
	is "Maildir to Maildir: each message once, in its folder" \
		"$(subjects work/copy/new), $(subjects work/copy/cur)" \
		"1 times $((count / 2)), 1 times $((count / 2))"
	is "Maildir to Maildir: nothing in tmp" "$(ls work/copy/tmp)" ""

	killing $seed "$SEALPRESS" "${sign[@]}" --in-place \
		--resume work/place.journal box
	is "in place, killed $again times: exit status" "$status" 0
	is "in place: each message once" "$(subjects box)" "1 times $count"
	is "in place: each signed once" \
		"$(find box -type f -exec grep -c '^DKIM-Signature' {} + |
			sed 's/.*://' | sort | uniq -c | tr -d '\n')" \
		"    $count 1"
	is "in place: nothing in tmp" "$(ls box/tmp)" ""
	is "in place: sizes in names are true" "$(find box -type f -printf '%f %s\n' |
		sed 's/.*,S=\([0-9]*\)[^ ]* \1$//' | tr -d '\n')" ""

	killing $seed "$SEALPRESS" verify -j 3 --keys keys.zone --at message \
		--durability message --report csv:work/out.csv \
		--resume work/verify.journal ref.mbox
	is "verify, killed $again times: exit status" "$status" 0
	ok "verify: the report as without" cmp work/out.csv ref.csv
done
ok "it was killed 50 times at least" [ $kills -ge 50 ]

# A finished journal: nothing is done, and that is said.
cp work/out.mbox before
resume=("${sign[@]}" -o work/out.mbox --report ndjson:work/out.ndjson
	--resume work/journal)
run "${resume[@]}" in.mbox
is "finished: exit status" "$status" 0
ok "finished: said" grep -q "work/journal: the work is finished ($count" err
run "${resume[@]}" -q -j 1 --durability none --cpu scalar in.mbox
is "finished: whatever does not change the output" "$status $(cat err)" "0 "
printf 'no From\n\nx\n' >bad.eml
for _ in 1 2; do
	run "${sign[@]}" -o some.mbox --resume some.journal in.mbox bad.eml
	is "finished: the exit status is remembered" "$status" 1
done

# Refused: another command, other inputs, other files.
other() { # NAME TEXT ARGUMENT...
	local name=$1 text=$2
	shift 2
	run "$@"
	is "$name: exit status" "$status" 2
	ok "$name: says '$text'" grep -qF -- "$text" err
}
other "another option" "option --canon=simple/simple" \
	"${resume[@]}" --canon simple/simple in.mbox
other "another input" "input before" "${resume[@]}" before
other "another command" "command sealpress verify" verify --keys keys.zone \
	--report ndjson:r.ndjson --resume work/journal in.mbox
mkdir elsewhere
(cd elsewhere && "$SEALPRESS" sign --key ../s1.pem --domain example.com \
	--selector s1 -o x.mbox --resume ../work/journal ../in.mbox 2>../err)
ok "another folder" grep -q "begun by another command" err
cp in.mbox kept.mbox
message 1 >>in.mbox
other "a changed input" "another state of 'in.mbox" "${resume[@]}" in.mbox
cp -p kept.mbox in.mbox
other "an input that was touched" "another state of 'in.mbox" \
	"${resume[@]}" in.mbox
echo "k example.com:s1:s1.pem" >keytable
echo "*@example.com k" >signers
tables=(sign --key-table keytable --signing-table refile:signers
	--timestamp 1700000000 -o t.mbox --resume t.journal kept.mbox)
run "${tables[@]}"
is "tables: exit status" "$status" 0
echo "*@example.net k" >>signers
other "a changed table" "another state of 'signers" "${tables[@]}"
other "no journal" "is no journal of sealpress" \
	"${sign[@]}" -o x.mbox --resume kept.mbox in.mbox
cmp -s kept.mbox in.mbox || echo "# kept.mbox was changed"
echo 'sealpress journal 9' >version.journal
other "another version" "another version of sealpress" \
	"${sign[@]}" -o x.mbox --resume version.journal in.mbox
other "standard output" "standard output" \
	"${sign[@]}" -o - --resume j in.mbox
other "a report on standard output" "standard output" \
	verify --keys keys.zone --report text:- --resume j in.mbox
other "a database" "write the report as ndjson or csv" \
	verify --keys keys.zone --report sqlite:r.db --resume j in.mbox
other "--headers-only" "standard output" \
	"${sign[@]}" --headers-only --resume j in.mbox
other "standard input" "standard input" "${sign[@]}" -o x.mbox --resume j -
other "a device" "cannot be taken up again" \
	"${sign[@]}" -o /dev/null --resume j in.mbox
other "nothing to go on with" "--resume goes with" \
	verify --keys keys.zone --resume j in.mbox
other "the journal is the output" "both name" \
	"${sign[@]}" -o j --resume j in.mbox
other "the journal in the input" "would be written into the input" \
	"${sign[@]}" -o x.mbox --resume box/new/j box
other "a folder" "cannot be opened" \
	"${sign[@]}" -o x.mbox --resume work in.mbox
ok "nothing was left of all that" [ ! -e j -a ! -e box/new/j ]
is "nor of their outputs" "$(find . -maxdepth 1 -name "x.mbox*")" ""

# One process at a time.
mkfifo hold
perl -e 'use Fcntl ":flock"; open my $j, "<", "work/journal"; flock $j, LOCK_EX;
	print "held\n"; $| = 1; print ""; <STDIN>' <hold >held &
exec 9>hold
while [ ! -s held ]; do
	kill -0 $! || break
	sleep 0.02
done
other "in use" "in use by another process" "${resume[@]}" in.mbox
exec 9>&-
wait $!

# A run that is asked to stop, or twice, and goes on.
for signals in INT TERM "TERM TERM"; do
	rm -rf work/signal*
	asked=("${sign[@]}" -o work/signal.mbox --report ndjson:work/signal.ndjson
		--durability message --resume work/signal.journal in.mbox)
	perl -e '
		my @signals = split / /, shift;
		my $pid = fork;
		if ($pid == 0) {
			open STDERR, ">", "err";
			$SIG{$_} = "DEFAULT" for @signals;
			exec @ARGV or die;
		}
		until (glob "work/signal.ndjson*") {
			last if waitpid($pid, 1) == $pid;
			select undef, undef, undef, 0.005;
		}
		kill $_ => $pid for @signals;
		waitpid $pid, 0;' "$signals" "$SEALPRESS" "${asked[@]}"
	run "${asked[@]}"
	is "$signals: goes on: exit status" "$status" 0
	ok "$signals: as if nothing had been" cmp work/signal.mbox ref.mbox
	ok "$signals: its report, too" cmp work/signal.ndjson ref.ndjson
done

# A run that stops at a message.
folder many 70
mv many/sub/9.eml many/sub/9.txt
printf 'no From\n\nx\n' >many/sub/9.eml
stop=("${sign[@]}" --on-error stop -j 1 -o stop.mbox --resume stop.journal many)
run "${stop[@]}"
is "on error stop: exit status" "$status" 1
ok "on error stop: kept" compgen -G 'stop.mbox.partial.*'
run "${stop[@]}"
is "on error stop: goes on behind the message" "$status" 1
is "on error stop: all others are there" \
	"$(grep -c '^DKIM-Signature' stop.mbox) $(subjects stop.mbox |
		cut -d' ' -f1)" "70 1"

# A torn tail is cut; damage before it is not overlooked.
fresh=("${sign[@]}" --durability message -o a.mbox --resume a.journal in.mbox)
run "${fresh[@]}" -j 1
is "torn: exit status" "$status" 0
printf 'SPJR\3\0\0\0\377\377\0\0garbage' >>a.journal
run "${fresh[@]}"
ok "garbage in the tail: finished all the same" grep -q 'is finished' err
perl -e 'open my $j, "+<", "a.journal" or die; seek $j, -200, 2;
	print $j "garbage"'
other "damaged in the middle" "is damaged, and not at its end" "${fresh[@]}"
ok "damaged in the middle: by its byte" grep -q 'a.journal:byte [0-9]' err
: >empty.journal
run "${sign[@]}" -o e.mbox --resume empty.journal in.mbox
is "an empty journal is a new one" "$status" 0
finish
