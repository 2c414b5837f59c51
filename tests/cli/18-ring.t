#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Requests of an io_uring that fail, do half of their work or are cancelled:
# tests/faults/ring.c. What is the kernel's trouble with the ring is made good
# by plain calls, what is the file's is said.
# What is slow about syncing is not what is tested.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. tests/cli/lib.sh

shim=${SEALPRESS%/*}/tests/faults.so
if [ ! -e "$shim" ]; then
	skip "faults of the ring" "sanitizers and LD_PRELOAD do not go together"
	finish
	exit
fi
if ! "$SEALPRESS" --version -v | grep -q 'backend: io_uring'; then
	skip "faults of the ring" "there is no io_uring here"
	finish
	exit
fi

make_keys
sign=(sign "${ed[@]}" --timestamp 1700000000 -j 1)

# with FAULT ARGUMENT...: runs sealpress with it.
with() {
	local fault=$1
	shift
	FAULT=$fault LD_PRELOAD=$shim "$SEALPRESS" "$@" >out 2>err
	status=$?
}

EPERM=1 EINTR=4 EIO=5 EAGAIN=11 ENOMEM=12 EINVAL=22 EMFILE=24 ENOSPC=28
ECANCELED=125
mbox 6000 >in.mbox
maildir box 70
# The same messages once more, each too long for one piece of the ring.
for i in 1 2 3; do
	mkdir -p long
	{ message "$i"; yes 'and so on' | head -c 300000; } >"long/$i"
done
run "${sign[@]}" -o ref.mbox in.mbox
run "${sign[@]}" -o ref.d/ box long
ref=$(cat ref.d/*/* | cksum)
# found FOLDER: all messages in it, as one number.
found() {
	cat "$1"/*/* | cksum
}

# What passes by, or is only half of it, costs nothing but time.
for fault in ring-read:1:$EAGAIN ring-read:2+:$ECANCELED ring-read:3:$EINTR \
	ring-read:1:short ring-read:4+:short ring-open:2:$ECANCELED \
	ring-open:1+:$EAGAIN ring-submit:1:$EAGAIN ring-submit:2:$EPERM \
	ring-submit:1+:$ENOMEM ring-setup:1+:$EPERM ring-setup:1:$ENOMEM \
	ring-fsync:1:$ECANCELED ring-fsync:2+:$EINTR ring-fsync:3:$EINVAL; do
	rm -rf out.d
	with "$fault" "${sign[@]}" -o out.d/ box long
	is "$fault, files: exit status" "$status" 0
	is "$fault, files: as without" "$(found out.d)" "$ref"
done
for fault in ring-read:1:$EAGAIN ring-read:2:$ECANCELED ring-read:2+:$EINTR \
	ring-read:1:short ring-read:3+:short ring-submit:1:$EPERM \
	ring-submit:4+:$ENOMEM ring-setup:2:$ENOMEM ring-setup:1+:$EPERM \
	ring-write:1:$EIO ring-write:2:$ENOSPC ring-write:1+:$ECANCELED \
	ring-write:1:short ring-write:2+:short ring-write:1:$EINVAL \
	ring-register:1+:$ENOMEM write:1:short write:1+:short; do
	with "$fault" "${sign[@]}" -o out.mbox in.mbox
	is "$fault, an mbox: exit status" "$status" 0
	ok "$fault, an mbox: as without" cmp out.mbox ref.mbox
done

# What is the file's trouble is said.
rm -rf out.d
with "ring-read:5:$EIO" "${sign[@]}" -o out.d/ box
is "EIO of a message: exit status" "$status" 1
is "EIO of a message: the others are signed" \
	"$(find out.d -type f | wc -l)" 69
ok "EIO of a message: it is named" grep -q 'box/.*Input/output error' err
with "ring-read:2:$EIO" "${sign[@]}" -o out.mbox in.mbox
is "EIO of an mbox: exit status" "$status" 1
ok "EIO of an mbox: named by its byte" \
	grep -q 'in.mbox:byte [0-9].*Input/output error' err
rm -rf out.d
with "ring-open:9+:$EMFILE" "${sign[@]}" -o out.d/ box
is "EMFILE of a message: exit status" "$status" 2
ok "EMFILE of a message: what to do" grep -q 'ulimit -n' err
for number in $EIO $ENOSPC; do
	rm -rf out.d
	with "ring-fsync:2:$number" "${sign[@]}" -o out.d/ box
	is "fsync fails ($number): exit status" "$status" 2
	is "fsync fails ($number): nothing has its name" \
		"$(find out.d -type f | wc -l)" 0
done
with "ring-write:1:$EIO" "${sign[@]}" -o out.mbox --resume journal in.mbox
is "a journal and a write that fails: exit status" "$status" 0
ok "a journal and a write that fails: as without" cmp out.mbox ref.mbox

# Ahead of the workers: an mbox that is not in memory, where there is a disk.
cold=${SEALPRESS%/*}/cold.$$.mbox
trap 'rm -rf "$cold" "$work"' EXIT
forget() {
	dd of="$cold" oflag=nocache conv=notrunc,fdatasync count=0 2>/dev/null
}
mbox 16000 >"$cold"
run "${sign[@]}" -o ref.mbox "$cold"
forget
run "${sign[@]}" -v -o out.mbox "$cold"
if grep -q 'is not in memory' err; then
	ok "a cold mbox: as a warm one" cmp out.mbox ref.mbox
	for fault in ring-read:1:$EIO:cold ring-read:2:$EIO:cold \
		ring-read:3:$EINVAL:cold ring-read:1:short:cold \
		ring-read:2+:short:cold ring-read:4:$ECANCELED:cold \
		ring-read:1+:$EAGAIN ring-submit:1:$EPERM ring-submit:2:$ENOMEM \
		ring-setup:2:$EPERM ring-register:1+:$ENOMEM; do
		forget
		with "$fault" "${sign[@]}" -o out.mbox "$cold"
		is "$fault, a cold mbox: exit status" "$status" 0
		ok "$fault, a cold mbox: as a warm one" cmp out.mbox ref.mbox
	done
	forget
	run "${sign[@]}" -j 3 -o out.mbox "$cold"
	ok "a cold mbox, three workers: as a warm one" cmp out.mbox ref.mbox
	forget
	with "ring-read:9:shrink:cold" "${sign[@]}" -o out.mbox "$cold"
	is "a cold mbox shrinks: exit status" "$status" 1
	ok "a cold mbox shrinks: named by its byte" \
		grep -q 'cold.*:byte [0-9].*cut off' err
else
	skip "a cold mbox" "this file system is in memory, or not past it"
fi
finish
