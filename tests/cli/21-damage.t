#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Journals that were damaged after they were written: refused, with nothing
# touched, or taken up again rightly; never is a message lost or doubled.
# STEP=1 tries every byte.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. tests/cli/lib.sh

shim=${SEALPRESS%/*}/tests/faults.so
if [ ! -e "$shim" ]; then
	skip "damaged journals" "sanitizers and LD_PRELOAD do not go together"
	finish
	exit
fi

make_keys
sign=("$SEALPRESS" sign "${ed[@]}" --timestamp 1700000000 -j 1)
maildir box 70
for i in 0 1 2 3 4; do
	mbox 20 | sed "s/message \([0-9]*\)\$/message $i.\1/" >"in$i.mbox"
done
inputs=(in?.mbox)
mkdir ref
"${sign[@]}" -q -o ref/out.mbox "${inputs[@]}"

# What is there, in one line: how often each message, how often it is signed,
# what waits in tmp; of an mbox whether it is what it should be.
state() {
	local files
	# shellcheck disable=SC2086
	if [ -e place/out.mbox ]; then
		cmp -s place/out.mbox ref/out.mbox && echo "all of it"
		return
	fi
	files=$(find place -path '*/cur/*' -o -path '*/new/*')
	echo "$(cat /dev/null $files | sed -n 's/^Subject: //p' | sort |
		uniq -c | awk '{ print $1 }' | sort | uniq -c |
		awk '{ print $2 "x" $1 }' | tr '\n' ' ')" \
		"$(cat /dev/null $files | grep -c '^DKIM-Signature')" \
		"$(find place -path '*/tmp/*' | wc -l)"
}

# begin NAME KILL COMMAND...: has it killed at that change, which is one in the
# middle, and keeps what is there then as NAME.
begin() {
	local name=$1 at=$2
	shift 2
	rm -rf place
	mkdir place
	[ "${name%%,*}" != in-place ] || cp -a box place/box
	FAULT_KILL=$at LD_PRELOAD=$shim SEALPRESS_IO=pread "$@" \
		>out 2>err &
	wait $! 2>/dev/null
	is "$name: there is a journal with a whole batch" \
		"$(grep -ao SPJR place/journal | head -n 4 | wc -l)" 4
	ok "$name: and it is not at its end" \
		[ "$(state)" != "$all" -a ! -e place/out.mbox ]
	mv place "$name"
}

# damaged NAME HOW END COMMAND...: damages each STEPth byte of the journal, and
# says what came of it that is neither as before nor END.
step=${STEP:-67}
damaged() {
	local name=$1 how=$2 end=$3 size at before after odd='' refused=0 good=0
	shift 3
	size=$(stat -c %s "$name/journal")
	for ((at = 7 % step; at < size; at += step)); do
		rm -rf place
		cp -a "$name" place
		before=$(state)
		if [ "$how" = cut ]; then
			truncate -s "$at" place/journal
		else
			perl -e '
				open my $file, "+<", "place/journal" or die;
				sysseek $file, $ARGV[0], 0;
				sysread $file, my $byte, 1;
				sysseek $file, $ARGV[0], 0;
				syswrite $file, $byte ^ chr(1 << int rand 8);
			' "$at"
		fi
		"$@" >out 2>err
		status=$?
		after=$(state)
		case $status in
		0) [ "$after" = "$end" ] && good=$((good + 1)) ;;
		2) [ "$after" = "$before" ] && grep -q 'journal.*; ' err &&
			refused=$((refused + 1)) ;;
		*) false ;;
		esac || odd+=" $at:$status"
	done
	is "$name, $how: no message lost or doubled" "$odd" ""
	ok "$name, $how: it was refused or taken up ($refused, $good)" \
		[ $((refused + good)) -gt 9 ]
}

all="1x70  70 0"
mboxes=("${sign[@]}" --durability message -o place/out.mbox
	--resume place/journal "${inputs[@]}")
begin mbox 24 "${mboxes[@]}"
damaged mbox flip "all of it" "${mboxes[@]}"
damaged mbox cut "all of it" "${mboxes[@]}"
copies=("${sign[@]}" -o place/out/ --resume place/journal box)
begin Maildir,placing 130 "${copies[@]}"
damaged Maildir,placing flip "$all" "${copies[@]}"
begin Maildir,placed 170 "${copies[@]}"
damaged Maildir,placed flip "$all" "${copies[@]}"
over=("${sign[@]}" --in-place --resume place/journal place/box)
begin in-place,placing 150 "${over[@]}"
damaged in-place,placing flip "$all" "${over[@]}"
finish
