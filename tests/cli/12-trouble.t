#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# System calls that fail, the death of the program at any of them, and power
# cuts: tests/faults/faults.c.
# What is slow about syncing is not what is tested.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. tests/cli/lib.sh

shim=${SEALPRESS%/*}/tests/faults.so
if [ ! -e "$shim" ]; then
	skip "faults" "sanitizers and LD_PRELOAD do not go together"
	finish
	exit
fi
ulimit -n 4096 2>/dev/null

make_keys
sign=(sign "${ed[@]}" --timestamp 1700000000 -j 1)

# with FAULT ARGUMENT...: runs sealpress with it.
with() {
	local fault=$1
	shift
	FAULT=$fault LD_PRELOAD=$shim SEALPRESS_IO=pread \
		"$SEALPRESS" "$@" >out 2>err
	status=$?
}

EIO=5 ENFILE=23 EMFILE=24 ENOSPC=28
mbox 30 >in.mbox
maildir box 40
signed() { # FOLDER
	grep -lr '^DKIM-Signature' "$@" | wc -l
}

# Writing: the run ends with words, and nothing has its final name.
for fault in write:1:$ENOSPC write:2+:$EIO fsync:1:$EIO rename:1:$ENOSPC \
	fsync:1:$ENOSPC; do
	rm -rf out.d
	mkdir out.d
	with "$fault:out.d" "${sign[@]}" -o out.d/x.mbox \
		--report ndjson:out.d/r in.mbox
	is "$fault under an mbox: exit status" "$status" 2
	ok "$fault under an mbox: words and a remedy" \
		grep -qE '^sealpress: .*(cannot be|space).*; ' err
	is "$fault under an mbox: nothing left" "$(ls out.d)" ""
	rm -rf out.d
	with "$fault:out.d/" "${sign[@]}" -o out.d/ box
	is "$fault under a Maildir: exit status" "$status" 2
	is "$fault under a Maildir: nothing in tmp, nothing delivered" \
		"$(ls out.d/tmp) $(find out.d/cur out.d/new -type f | wc -l)" \
		" 0"
	with "$fault:box/" "${sign[@]}" --in-place box
	is "$fault in place: exit status" "$status" 2
	is "$fault in place: all is as it was" \
		"$(ls box/tmp) $(signed box) $(find box -type f | wc -l)" \
		" 0 40"
done
with "open:1:$EMFILE:out.d/tmp" "${sign[@]}" -o out.d/ box
is "EMFILE under a Maildir: exit status" "$status" 2

# Reading: what cannot be read is named, the rest goes on.
with "pread:3:$EIO:box" "${sign[@]}" -o one/ box
is "EIO of a message: exit status" "$status" 1
is "EIO of a message: the others are signed" "$(signed one)" 39
ok "EIO of a message: it is named" grep -q 'box/.*Input/output error' err
for number in $EMFILE $ENFILE; do
	with "open:9+:$number:box" "${sign[@]}" -o none/ box
	is "errno $number of a message: exit status" "$status" 2
	ok "errno $number of a message: what to do" grep -q 'ulimit -n' err
	is "errno $number of a message: none counts as done" \
		"$(find none -type f | wc -l)" 0
done
with "pread:2:$EIO:in.mbox" verify --keys keys.zone -j 1 in.mbox
is "EIO of an mbox: exit status" "$status" 1
ok "EIO of an mbox: named" grep -q 'in.mbox.*cannot be read' err

# Files that change while they are read.
folder tree 12
cp -a tree kept
for what in shrink grow; do
	rm -rf tree
	cp -a kept tree
	with "pread:4:$what:tree/" "${sign[@]}" -o $what/ tree
	is "a file may $what: every message is one" \
		"$status $(find $what/new -type f | wc -l)" "0 12"
	run verify --keys keys.zone --at message $what
	is "a file may $what: what was signed verifies" "$status" 0
done
rm -rf tree
cp -a kept tree
with "open:6:vanish:.eml" "${sign[@]}" -o vanish/ tree
is "a file vanishes: exit status" "$status" 1
is "a file vanishes: the others are signed" "$(signed vanish)" 11
ok "a file vanishes: named" grep -q 'No such file' err
perl -e 'print "From a\@b Fri Sep 13 08:00:00 2024\nFrom: a\@b\n\n",
	"x" x 70, "\n" x 2 for 1 .. 40000' >long.mbox
with "pread:4:shrink:long.mbox" "${sign[@]}" -o shrunk.mbox long.mbox
is "an mbox shrinks: exit status" "$status" 1
ok "an mbox shrinks: named by its byte" grep -q 'long.mbox:byte [0-9]' err
perl -e 'print "From: a\@b\n\n"; print "0123456789\n" x 400000' >large.eml
with "pread:30:shrink:large.eml" "${sign[@]}" -o large/ large.eml
ok "a large message shrinks: never half of it" \
	[ "$status" -ne 0 -a "$(find large -type f | wc -l)" -eq 0 ]

# A consumer that is slow.
mbox 40000 >long.mbox
"$SEALPRESS" "${sign[@]}" -o - long.mbox 2>err | (
	sleep 0.3
	grep -c '^DKIM-Signature'
) >count
is "a slow reader gets everything" "$(cat count)" 40000

# A disk that is full: a small file system where there may be one.
if mkdir small && mount -t tmpfs -o size=300k tmpfs small 2>/dev/null; then
	mbox 2000 >more.mbox
	full=("${sign[@]}" -o small/out.mbox --resume full.journal more.mbox)
	run "${full[@]}"
	is "full disk: exit status" "$status" 2
	ok "full disk: said" grep -q 'No space left' err
	ok "full disk: how to go on" grep -q 'the same command goes on' err
	mount -o remount,size=10m small
	run "${full[@]}"
	is "full disk, more space: exit status" "$status" 0
	run "${sign[@]}" -o fine.mbox more.mbox
	ok "full disk, more space: as if nothing had been" \
		cmp small/out.mbox fine.mbox
	umount small
else
	skip "full disk" "no small file system can be mounted here"
fi
with "write:5+:$ENOSPC:small.journal" "${sign[@]}" -o late/ \
	--resume small.journal box in.mbox
is "full disk under the journal: exit status" "$status" 2
run "${sign[@]}" -o late/ --resume small.journal box in.mbox
is "full disk under the journal: goes on" "$status" 0
is "full disk under the journal: each message once" "$(signed late)" 70

# Killed in place of its Nth change, with the power cut or not, again and
# again, until the work is done.
for i in 0 1 2 3 4; do
	mbox 40 | sed "s/message \([0-9]*\)\$/message $i.\1/" >"in$i.mbox"
done
inputs=(in?.mbox)
run "${sign[@]}" -o ref.mbox --report csv:ref.csv "${inputs[@]}"
mkdir grave

# survive SEED CHANGES ARGUMENT...: killed at one of so many; leaves $kills, $status.
kills=0
survive() {
	FAULT_GRAVE=$PWD/grave SHIM=$shim perl -e '
		srand shift;
		my $changes = shift;
		my ($kills, @cuts) = (0, undef, "truncate", "garbage");
		for my $left (reverse 0 .. 5) {
			my $pid = fork;
			if ($pid == 0) {
				$ENV{FAULT_KILL} = 1 + int rand $changes if $left;
				my $cut = $cuts[rand 3];
				$ENV{FAULT_CUT} = $cut if $cut;
				$ENV{LD_PRELOAD} = $ENV{SHIM};
				$ENV{SEALPRESS_IO} = "pread";
				open STDOUT, ">", "out";
				open STDERR, ">", "err";
				exec @ARGV or die;
			}
			waitpid $pid, 0;
			last unless $? & 127;
			$kills++;
		}
		print "$kills ", $? >> 8, "\n";' "$@" >killed
	read -r again status <killed
	kills=$((kills + again))
}

once() { # FOLDER...: "TIMES NUMBER" for the messages there
	find "$@" -type f -exec cat {} + | sed -n 's/^Subject: //p' | sort |
		uniq -c | awk '{ print $1 }' | sort | uniq -c |
		awk '{ print $2, $1 }'
}

lost=
for seed in 1 2 3 4 5 6; do
	rm -rf work place
	mkdir work
	survive $seed 60 "$SEALPRESS" "${sign[@]}" --durability message \
		--report csv:work/r.csv -o work/out.mbox --resume work/j \
		"${inputs[@]}"
	[ "$status" -eq 0 ] && cmp -s work/out.mbox ref.mbox &&
		cmp -s work/r.csv ref.csv || lost+=" mbox/$seed"
	survive $seed 300 "$SEALPRESS" "${sign[@]}" --report csv:work/d.csv \
		-o work/dir/ --resume work/jd "${inputs[@]}"
	[ "$status" -eq 0 ] && cmp -s work/d.csv ref.csv &&
		[ "$(once work/dir/new)" = "1 200" ] &&
		[ -z "$(ls work/dir/tmp)" ] || lost+=" Maildir/$seed"
	maildir place 90
	survive $seed 200 "$SEALPRESS" "${sign[@]}" --in-place \
		--report csv:work/p.csv --resume work/jp place
	[ "$status" -eq 0 ] && [ "$(once place)" = "1 90" ] &&
		[ "$(signed place)" = 90 ] && [ -z "$(ls place/tmp)" ] &&
		[ "$(find place -type f -exec cat {} + |
			grep -c '^DKIM-Signature')" = 90 ] &&
		[ "$(grep -c ',ok,\|,pass\|signed' work/p.csv)" -ge 90 ] ||
		lost+=" in-place/$seed"
done
is "killed $kills times, the power cut: lost or doubled" "$lost" ""
ok "it was killed 50 times at least" [ $kills -ge 50 ]
finish
