#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is signed verifies: every kind of input to every kind of output.
. tests/cli/lib.sh

make_keys
count=7
mbox $count >in.mbox
mbox $count | crlf >in-crlf.mbox
maildir in.maildir $count
folder in.folder $count
message 0 >in.eml
message 0 | crlf >in-crlf.eml
find in.folder -name '*.eml' | sort >list
find in.folder -name '*.eml' -print0 | sort -z >list0

# verified NAME COUNT INPUT...: all of them pass with both signatures.
verified() {
	local name=$1 messages=$2
	shift 2
	run verify --keys keys.zone --report ndjson:- "$@"
	is "$name: every message verifies" "$status" 0
	is "$name: both signatures of each pass" \
		"$(json out 'join " ", $r->{result}, map { $_->{result} } @{$r->{signatures}}' |
			sort | uniq -c | sed 's/^ *//')" "$messages pass pass pass"
}

try() { # NAME COUNT SIGN-ARGUMENT...
	local name=$1 messages=$2
	shift 2
	rm -rf out.mbox out.maildir
	run sign "${rsa[@]}" "${ed[@]}" -o out.mbox "$@"
	is "$name to mbox: exit status" "$status" 0
	ok "$name to mbox: summary" \
		grep -q "signed $messages of $messages message" err
	verified "$name to mbox" "$messages" out.mbox
	run sign "${rsa[@]}" "${ed[@]}" -o out.maildir/ "$@"
	is "$name to Maildir: exit status" "$status" 0
	is "$name to Maildir: nothing left in tmp" "$(ls out.maildir/tmp)" ""
	verified "$name to Maildir" "$messages" out.maildir
}

try "mbox" $count in.mbox
try "mbox with CRLF" $count in-crlf.mbox
try "Maildir" $count in.maildir
try "folder" $count in.folder
try "message" 1 in.eml
try "message with CRLF" 1 in-crlf.eml
try "list of files" $count --files-from list
try "list of files with NUL" $count -0 --files-from list0
try "several inputs" $((2 * count + 1)) in.mbox in.eml in.maildir

for end in "" -crlf; do
	"$SEALPRESS" sign "${rsa[@]}" "${ed[@]}" - \
		<in$end.eml >out.eml 2>err
	is "stdin message$end: exit status" "$?" 0
	verified "stdin message$end" 1 out.eml
	without_signatures <out.eml >back.eml
	ok "stdin message$end: bare, and the input below the new fields" \
		cmp back.eml in$end.eml
	"$SEALPRESS" sign "${rsa[@]}" "${ed[@]}" - \
		<in$end.mbox >out.mbox 2>err
	is "stdin mbox$end: exit status" "$?" 0
	verified "stdin mbox$end" $count out.mbox
	without_mbox_signatures <out.mbox >back.mbox
	ok "stdin mbox$end: the input below the new fields" \
		cmp back.mbox in$end.mbox
	run sign "${rsa[@]}" -o out.mbox in$end.mbox
	without_mbox_signatures <out.mbox >back.mbox
	ok "mbox$end: the input below the new fields" cmp back.mbox in$end.mbox
done

"$SEALPRESS" verify --keys keys.zone - <out.mbox >out 2>err
is "verify standard input" "$?" 0
run sign "${rsa[@]}" -o - in.eml
without_signatures <out >back.eml
ok "-o - of one file: bare" cmp back.eml in.eml
run sign "${rsa[@]}" -o - in.folder
is "-o - of a folder: an mbox" "$(grep -c '^From ' out)" $count
find in.folder -name '*.eml' -print0 >list0
"$SEALPRESS" sign "${rsa[@]}" -o out.mbox -0 --files-from - <list0 2>err
is "list of files on standard input" "$?" 0
is "-- ends the options" "$(
	cp in.eml ./-x.eml
	"$SEALPRESS" sign "${rsa[@]}" -o - -- -x.eml 2>err | grep -c '^DKIM'
)" 1
run sign "${rsa[@]}" --format eml -o - in.mbox
is "--format eml: an mbox taken as one message" \
	"$(grep -c '^DKIM-Signature:' out)" 1
refused "--format maildir of something else" "in.mbox" \
	sign "${rsa[@]}" --format maildir -o x.mbox in.mbox

run verify --keys keys.zone in.eml
is "unsigned mail: exit status" "$status" 1
ok "unsigned mail: named" grep -q '^in.eml: none no-signature' out
: >empty.eml
mkdir -p none/cur none/new none/tmp
run verify --keys keys.zone none
is "an empty Maildir is all well" "$status" 0
run verify --keys keys.zone empty.eml
is "an empty message is not" "$status" 1
message 1 >m.eml
# Each of several signatures is one more DKIM-Signature to the others.
run sign "${rsa[@]}" "${ed[@]}" --headers From:+DKIM-Signature -o two.mbox m.eml
run verify --keys keys.zone two.mbox
is "two keys, DKIM-Signature oversigned: exit status" "$status" 0
run sign "${ed[@]}" --headers From:+DKIM-Signature -o one.mbox m.eml
run sign "${rsa[@]}" --headers From -o more.mbox one.mbox
run verify --keys keys.zone --report ndjson:more one.mbox
is "one key, oversigned: passes" "$status" 0
run verify --keys keys.zone --report ndjson:more more.mbox
ok "one more signature: it was forbidden" grep -q signature-mismatch more
finish
