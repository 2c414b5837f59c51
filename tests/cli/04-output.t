#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Where signed mail goes and what it looks like there.
. tests/cli/lib.sh

make_keys
sign=(sign "${rsa[@]}")

# Below every new field is the message, byte for byte.
same_below() { # NAME SIGNED-FILE ORIGINAL
	without_signatures <"$2" >below
	ok "$1" cmp below "$3"
}

maildir in 4
run "${sign[@]}" -o copy/ in
is "Maildir: exit status" "$status" 0
for folder in new cur; do
	for file in in/"$folder"/*; do
		name=${file##*/}
		unique=${name%%,*}
		copy=$(echo copy/"$folder/$unique",*)
		same_below "$folder/$unique: the message below its signature" \
			"$copy" "$file"
		size=$(stat -c %s "$copy")
		flags=
		[[ $name != *:* ]] || flags=:${name#*:}
		is "$folder/$unique: flags kept, S= true" "$copy" \
			"copy/$folder/$unique,S=$size$flags"
	done
done

cp -r in before
run "${sign[@]}" --in-place in
is "in place: exit status" "$status" 0
is "in place: as many messages" "$(find in -type f | wc -l)" 4
is "in place: nothing in tmp" "$(ls in/tmp)" ""
for file in before/*/*; do
	unique=${file#before/}
	unique=${unique%%,*}
	now=$(echo in/"$unique",*)
	same_below "in place: $unique below its signature" "$now" "$file"
	is "in place: $unique has a true S=" \
		"$(grep -o 'S=[0-9]*' <<<"$now")" "S=$(stat -c %s "$now")"
done
run verify --keys keys.zone in
is "in place: all verify" "$status" 0

# Mail of another group, as setgid deliveries leave it: its owner may replace it,
# and nobody gets a right by that.
as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
chmod 711 .
mkdir -m 755 theirs
cp "$SEALPRESS" theirs/program
if "${as_nobody[@]}" "$PWD/theirs/program" --version >out 2>err; then
	maildir theirs/box 1
	cp s1.pem theirs
	chown -R 65534:65534 theirs
	mail=$(find theirs/box -type f)
	chown 65534:8 "$mail"
	chmod 660 "$mail"
	"${as_nobody[@]}" theirs/program sign --key theirs/s1.pem \
		--domain example.com --selector s1 --in-place theirs/box 2>err
	is "in place, of a group that is not ours: exit status" "$?" 0
	is "in place, of a group that is not ours: no rights for ours" \
		"$(find theirs/box -type f -printf %m:%U:%G)" 600:65534:65534
else
	skip "in place, of a group that is not ours" "only root can give it away"
fi

# Options of the signature show in the signature.
message 1 >m.eml
field() { # the first signature of $signed, unfolded
	perl -0777 -ne 'm/\A(DKIM-Signature:.*?)\n(?![ \t])/s or exit 1;
		$_ = $1; s/\s+/ /g; print' signed.eml
}
tag() { # NAME
	field | perl -ne "/[;:] $1=([^;]*)/ and print \$1" | tr -d ' '
}
signed() { # OPTION...
	"$SEALPRESS" "${sign[@]}" "$@" - <m.eml >signed.eml 2>err
}
signed
is "relaxed/relaxed unless said otherwise" "$(tag c)" relaxed/relaxed
is "expires after 14 days" "$(($(tag x) - $(tag t)))" 1209600
ok "now" [ $(($(date +%s) - $(tag t))) -lt 10 ]
is "no l=, no z=" "$(tag l)$(tag z)" ""
is "From is oversigned" "$(tag h | tr : '\n' | grep -cix from)" 2
is "no line above 78 columns" \
	"$(sed '/^$/q' signed.eml | grep -c '.\{79\}')" 0
for canon in simple/simple simple/relaxed relaxed/simple relaxed/relaxed; do
	signed -c $canon
	is "-c $canon" "$(tag c)" $canon
	run verify --keys keys.zone signed.eml
	is "-c $canon verifies" "$status" 0
done
signed --no-oversign
is "--no-oversign" "$(tag h | tr : '\n' | grep -cix from)" 1
signed --timestamp 1700000000 --expire 60
is "--timestamp and --expire" "$(tag t) $(tag x)" "1700000000 1700000060"
signed --timestamp 2024-02-29T12:00:00Z --expire never
is "--timestamp as RFC 3339, --expire never" "$(tag t) $(tag x)" "1709208000 "
signed --timestamp none --expire never
is "--timestamp none" "$(tag t)" ""
signed --identity bot@mail.example.com
is "--identity" "$(tag i)" bot@mail.example.com
signed --headers Subject
is "--headers NAME: From too" \
	"$(tag h | tr : '\n' | tr A-Z a-z | sort -u | tr '\n' ' ')" "from subject "
signed --copied-headers
ok "--copied-headers" [ -n "$(tag z)" ]
run verify --keys keys.zone signed.eml
is "--copied-headers verifies" "$status" 0
signed --body-length 5
is "--body-length" "$(tag l)" 5
ok "--body-length warns" grep -q 'warning: --body-length' err
run verify --keys keys.zone signed.eml
is "--body-length verifies" "$status" 0
ok "and verifying warns of the rest" grep -q 'l= covers 5 of' out

# New fields alone.
mbox 3 >in.mbox
run "${sign[@]}" "${ed[@]}" --headers-only in.mbox
is "--headers-only: exit status" "$status" 0
is "--headers-only: a record per message" \
	"$(json out '"$r->{path} $r->{index}"' | tr '\n' ' ')" \
	"in.mbox 0 in.mbox 1 in.mbox 2 "
json out '$r->{index} == 1 ? $r->{header} : ""' | sed '/^$/d' >fields
message 1 | cat fields - >whole.eml
run verify --keys keys.zone --report ndjson:- whole.eml
is "--headers-only: the fields and the message verify" \
	"$(json out 'scalar @{$r->{signatures}}') $status" "2 0"

# Messages that cannot be signed.
grep -v '^From:' m.eml >nofrom.eml
run "${sign[@]}" -o skip.mbox m.eml nofrom.eml
is "on error skip: exit status" "$status" 1
ok "on error skip: named with its reason" \
	grep -q '^sealpress: nofrom.eml: error from-missing' err
is "on error skip: left out" "$(grep -c '^From ' skip.mbox)" 1
run "${sign[@]}" --on-error copy -o copy.mbox m.eml nofrom.eml
is "on error copy: exit status" "$status" 1
is "on error copy: both are there, one signed" \
	"$(grep -c '^From ' copy.mbox) $(grep -c '^DKIM' copy.mbox)" "2 1"
run "${sign[@]}" --on-error stop -j 1 -o stop.mbox nofrom.eml m.eml
is "on error stop: exit status" "$status" 1
ok "on error stop: no output under its name" [ ! -e stop.mbox ]
# To the message, however many workers there are: five batches are read.
folder many 160
cp nofrom.eml many/sub/9.eml
before=$(find many -type f | LC_ALL=C sort | sed '/many.sub.9.eml/,$d' | wc -l)
for try in 1 2 3; do
	rm -rf stopped
	run "${sign[@]}" --on-error stop -j 8 -o stopped/ many
	is "on error stop: a Maildir has what came before, try $try" \
		"$(find stopped -type f | wc -l) $(ls stopped/tmp)" "$before "
done
run "${sign[@]}" -q -o quiet.mbox m.eml nofrom.eml
is "-q: nothing but the exit status" "$status $(cat err)" "1 "

# The same output, however durable it is.
maildir durable 70
for durability in none batch message; do
	for backend in io_uring pread; do
		rm -rf kept
		SEALPRESS_IO=$backend run "${sign[@]}" \
			--durability $durability -o kept/ durable
		is "--durability $durability, $backend: all there" \
			"$status $(find kept/cur -type f | wc -l) $(
				find kept/new -type f | wc -l) $(ls kept/tmp)" \
			"0 35 35 "
	done
	run "${sign[@]}" --durability $durability -o kept.mbox m.eml
	is "--durability $durability: mbox" "$status" 0
done
refused "--durability of another kind" "none, batch, message" \
	"${sign[@]}" --durability always -o kept.mbox m.eml

# An output that exists is replaced as a whole.
echo old >exists.mbox
run "${sign[@]}" -o exists.mbox m.eml
is "an mbox is replaced" "$(grep -c old exists.mbox)" 0
run "${sign[@]}" -o /dev/null m.eml
is "a device is written to" "$status" 0
ok "and is still one" [ -c /dev/null ]
# What is no mail is copied as it is, also into an mbox and out again.
mkdir odd
printf 'no field\nFrom x\n\nFrom y\n>From z\n' >odd/junk
printf '\nFrom x\n\nFrom y\n' >odd/empty-line
{
	seq -f 'X-%.0f: 1' 12000
	printf 'X: y\nFrom x\n\nFrom y\n\nFrom z\n'
} >odd/bomb
for kind in junk empty-line bomb; do
	run "${sign[@]}" --on-error copy -o "odd/$kind.mbox" "odd/$kind"
	run "${sign[@]}" --on-error copy -o "odd/$kind.dir/" "odd/$kind.mbox"
	ok "copied through an mbox: $kind" cmp "odd/$kind" odd/"$kind".dir/new/*
done

# With a Content-Length the next separator may stand right behind.
{
	printf 'From a\nContent-Length: 3\n'
	grep '^From:' m.eml
	printf '\nHi\nFrom b\nContent-Length: 5\n'
	grep '^From:' m.eml
	printf '\nCiao\n'
} >tight.mbox
for kind in cl cl2; do
	run "${sign[@]}" --mbox "$kind" -o signed-tight.mbox tight.mbox m.eml
	is "no empty line, $kind: both are signed" \
		"$status $(grep -c '^DKIM-Signature' signed-tight.mbox)" "0 3"
	without_mbox_signatures <signed-tight.mbox |
		head -c "$(stat -c %s tight.mbox)" >tight.below
	ok "no empty line, $kind: none is added" cmp tight.below tight.mbox
	is "no empty line, $kind: but one at the end of the file" \
		"$(grep -A2 '^Ciao' signed-tight.mbox | sed 's/^From .*/From/' |
			tr '\n' ,)" "Ciao,,From,"
done

# A separator line too long to be one: nothing can be put below what is left.
{
	printf 'From '
	head -c 70000 /dev/zero | tr '\0' x
	printf '\n'
	cat m.eml
} >long.mbox
run "${sign[@]}" --on-error copy -o long.out long.mbox
is "a separator line of 70 KB: not signed" \
	"$status $(grep -c "error message-syntax" err)" "1 1"
ok "a separator line of 70 KB: copied as it is" cmp long.mbox long.out

# A last line without an end, but with a CR, keeps its CR.
{
	printf 'From a\n'
	cat m.eml
	printf 'Bye\r'
} >cr.mbox
run "${sign[@]}" -o signed-cr.mbox cr.mbox m.eml
is "a CR at the end stays in its line" \
	"$(grep -c "^Bye"$'\r\r'"$" signed-cr.mbox)" 1

finish
