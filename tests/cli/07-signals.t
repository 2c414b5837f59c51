#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Interruption: exit status, what is kept, what is not.
. tests/cli/lib.sh

make_keys
"$SEALPRESS" keygen --domain example.com --selector slow --bits 4096 \
	-o slow.pem >>keys.zone
slow=(--key slow.pem --domain example.com --selector slow)

# Some 20 KB each, so that a batch is soon done.
perl -e '
	for my $i (1 .. 2000) {
		print "From a\@example.com Fri Sep 13 08:00:00 2024\n";
		print "From: a\@example.com\nSubject: $i\n\n";
		print "x" x 70, "\n" for 1 .. 280;
		print "\n";
	}' >in.mbox
all=2000

# Shells have programs in the background ignore SIGINT; this one must not.
foreground() {
	exec perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV or die' -- "$@"
}

wait_for() { # PATTERN: until a file matches, ten seconds at most
	local i
	for ((i = 0; i < 200; i++)); do
		! compgen -G "$1" >/dev/null || return 0
		sleep 0.05
	done
	return 1
}

# interrupt SIGNAL FILE ARGUMENT...: sends it a second after FILE appears.
interrupt() {
	local signal=$1 file=$2
	shift 2
	foreground "$SEALPRESS" sign "${slow[@]}" "$@" >out 2>err &
	wait_for "$file"
	sleep 1
	kill -"$signal" $!
	wait $!
	status=$?
}

for case in INT:130 TERM:143; do
	signal=${case%:*}
	rm -rf out.mbox*
	interrupt "$signal" 'out.mbox.partial.*' -o out.mbox in.mbox
	is "SIG$signal: exit status" "$status" "${case#*:}"
	ok "SIG$signal: final name absent" [ ! -e out.mbox ]
	kept=$(echo out.mbox.partial.*)
	ok "SIG$signal: the partial file is kept and named" \
		grep -qF "kept as $kept" err
	ok "SIG$signal: says what was done" grep -q 'interrupted after' err
	done=$(sed -n 's/.*interrupted after \([0-9]*\) messages.*/\1/p' err)
	ok "SIG$signal: some was done and not all" \
		[ "${done:-0}" -gt 0 -a "${done:-0}" -lt $all ]
	run verify --keys keys.zone "$kept"
	is "SIG$signal: what is kept verifies" "$status" 0
	is "SIG$signal: and is as much as was said" \
		"$(grep -c '^DKIM-Signature' "$kept")" "$done"
done

maildir box 2
message 3 | perl -0777 -ne '
	for my $i (1 .. 2000) {
		open my $out, ">", "box/new/17100$i.x.host" or die;
		print $out $_;
	}'
interrupt INT 'box/new/*.host' --in-place box
some=$(grep -lr '^DKIM-Signature:' box | wc -l)
is "in place: exit status" "$status" 130
is "in place: as many messages as before" "$(find box -type f | wc -l)" 2002
ok "in place: some are signed and not all" \
	[ "$some" -gt 0 -a "$some" -lt 2002 ]
is "in place: nothing in tmp" "$(ls box/tmp)" ""

# Waiting for input that does not come.
mkfifo pipe
exec 9<>pipe
foreground "$SEALPRESS" sign "${slow[@]}" - <pipe >out 2>err 9>&- &
sleep 0.5
kill -INT $!
for _ in $(seq 100); do
	kill -0 $! 2>/dev/null || break
	sleep 0.05
done
kill -KILL $! 2>/dev/null
wait $!
is "waiting for standard input: SIGINT ends it" "$?" 130
exec 9>&-

# A second signal ends it at once.
foreground "$SEALPRESS" sign "${slow[@]}" -o twice.mbox in.mbox >out 2>err &
wait_for 'twice.mbox.partial.*'
kill -TERM $!
kill -TERM $! 2>/dev/null
wait $!
status=$?
ok "second signal: 143 either way" [ "$status" -eq 143 ]
ok "second signal: final name absent" [ ! -e twice.mbox ]
finish
