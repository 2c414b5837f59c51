#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Things that cannot be read or written, and keys that cannot be used.
. tests/cli/lib.sh

make_keys
sign=(sign "${rsa[@]}")
message 1 >m.eml

# Inputs: what cannot be read is named and counted, the rest goes on.
maildir box 3
mkfifo box/cur/fifo
ln -s loop box/cur/loop
mkdir box/new/folder
for backend in io_uring pread; do
	rm -rf copy
	SEALPRESS_IO=$backend run "${sign[@]}" -o copy/ box
	is "$backend: bad files in a Maildir: exit status" "$status" 1
	is "$backend: the good ones are signed" "$(find copy -type f | wc -l)" 3
	for name in fifo loop; do
		is "$backend: $name is named once" \
			"$(grep -c "^sealpress: .*box/cur/$name" err)" 1
	done
	SEALPRESS_IO=$backend run verify --keys keys.zone --report ndjson:- box
	is "$backend: verify: exit status" "$status" 1
	for name in fifo loop; do
		is "$backend: verify: $name is named once" \
			"$(grep -c "^sealpress: .*box/cur/$name" err)" 1
	done
	ok "$backend: verify: counted" grep -q 'unreadable\|not be read' err
	SEALPRESS_IO=$backend run verify -q --keys keys.zone box
	is "$backend: verify -q: named all the same" \
		"$(grep -c '^sealpress: .*box/cur/' err) $(cat out)" "2 "
done
rm -rf box/cur/fifo box/cur/loop box/new/folder
if [ "$(id -u)" -ne 0 ]; then
	file=$(find box/new -type f | head -n 1)
	chmod 0 "$file"
	run "${sign[@]}" -o out2/ box
	is "no permission: exit status" "$status" 1
	ok "no permission: said" grep -q "Permission denied" err
	chmod 644 "$file"
	chmod 0 box/new
	run "${sign[@]}" -o out3/ box
	ok "folder without permission: said" grep -q "box/new" err
	chmod 755 box/new
else
	skip "files without permission" "root reads everything"
fi
maildir linked 2
ln -s ../../m.eml linked/cur/link
run "${sign[@]}" --in-place linked
is "a link in a Maildir, in place: exit status" "$status" 1
ok "a link in a Maildir, in place: named" \
	grep -q "linked/cur/link: is a symbolic link, which is not" err
is "a link in a Maildir, in place: the others are signed" \
	"$(grep -l '^DKIM' -r linked | wc -l)" 2
refused "no such input" "absent" "${sign[@]}" -o x.mbox absent
refused "no such list" "absent" "${sign[@]}" -o x.mbox --files-from absent
long=$(printf '%0200d/%0200d/%0200d/%0200d/%0200d' 1 2 3 4 5)
refused "a long path: what to do" "; name a file in a folder that exists" \
	"${sign[@]}" -o "$long/x.mbox" m.eml
printf 'm.eml\ngone.eml\n' >list
run "${sign[@]}" -o list.mbox --files-from list
is "a file of the list is gone: exit status" "$status" 1
is "a file of the list is gone: the other one is signed" \
	"$(grep -c '^DKIM' list.mbox)" 1
ok "a file of the list is gone: named" grep -q 'gone.eml' err

# Closed standard streams: no file that is opened takes their numbers.
"$SEALPRESS" "${sign[@]}" -q --report csv:closed.csv -o closed.mbox m.eml \
	<&- >&- 2>&-
is "all streams closed: exit status" "$?" 0
run "${sign[@]}" -q --report csv:open.csv -o open.mbox m.eml
ok "all streams closed: the report is whole" cmp closed.csv open.csv
timeout 60 "$SEALPRESS" "${sign[@]}" -o x.mbox - <&- >out 2>err
is "standard input closed: exit status" "$?" 1
ok "standard input closed: said" grep -q "Bad file descriptor" err
ok "standard input closed: as one message" grep -q "signed 0 of 1 message" err
"$SEALPRESS" verify --keys keys.zone open.mbox >&- 2>err
is "standard output closed: exit status" "$?" 2
(
	ulimit -f 0
	exec "$SEALPRESS" "${sign[@]}" -o big.mbox m.eml 2>&3
) 3>&1 | cat >err
is "limit of file sizes: exit status" "${PIPESTATUS[0]}" 2
ok "limit of file sizes: said" grep -q "File too large" err
is "limit of file sizes: nothing is left" "$(compgen -G 'big.mbox*')" ""
rm -f x.mbox

# Malformed mail has a verdict and no crash.
printf '\n\nbody only\n' >noheader.eml
printf 'no colon here\n' >junk.eml
printf 'From: a@example.com\nFrom: b@example.com\n\nx\n' >twofrom.eml
perl -e 'print "From: a\@example.com\n"; print "X-$_: y\n" for 1..20; print "\nx\n"' \
	>many.eml
run "${sign[@]}" -o bad.mbox noheader.eml junk.eml twofrom.eml
is "malformed: exit status" "$status" 1
is "malformed: each named with a reason" "$(grep -c ': error ' err)" 3
run "${sign[@]}" --max-header-fields 20 -o x.mbox many.eml
ok "--max-header-fields" grep -q 'too-many-fields' err
run "${sign[@]}" --max-header-fields 21 -o x.mbox many.eml
is "--max-header-fields: up to it" "$status" 0
perl -e 'print "From: a\@example.com\nX: ", "y" x 2000, "\n\nx\n"' >long.eml
run "${sign[@]}" --max-header-bytes 1024 -o x.mbox long.eml
ok "--max-header-bytes" grep -q 'header-too-large' err

# With its signature it would be beyond what verifying reads.
perl -e 'print "From: a\@example.com\n", "X: y\n" x 9999, "\nx\n"' >full.eml
run "${sign[@]}" -o x.mbox full.eml
is "no field is left for the signature: exit status" "$status" 1
ok "no field is left for the signature: said" grep -q 'too-many-fields' err
perl -e 'print "From: a\@example.com\nX: ", "y" x 1048540, "\n\nx\n"' >full.eml
run "${sign[@]}" -o x.mbox full.eml
is "no byte is left for the signature: exit status" "$status" 1
ok "no byte is left for the signature: said" grep -q 'header-too-large' err
perl -e 'print "From: a\@example.com\n", "X: y\n" x 9998, "\nx\n"' >full.eml
run "${sign[@]}" -o x.mbox full.eml
is "room for one signature: exit status" "$status" 0

# Keys: refused before any message is touched.
cp m.eml before.eml
key_refused() { # NAME TEXT ARGUMENT...
	local name=$1 text=$2
	shift 2
	refused "$name" "$text" sign "$@" --domain example.com --selector k \
		-o never.mbox m.eml
}
cp s1.pem open.pem
chmod 640 open.pem
key_refused "key others can read" "open.pem" --key open.pem
ok "with the remedy" grep -q 'chmod\|--insecure-key-permissions' err
run sign --key open.pem --domain example.com --selector s1 \
	--insecure-key-permissions -o insecure.mbox m.eml
is "--insecure-key-permissions" "$status" 0
key_refused "no such key" "absent.pem" --key absent.pem
echo nonsense >junk.pem
chmod 600 junk.pem
key_refused "no key in the file" "junk.pem" --key junk.pem
(
	umask 077
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:768 \
		-out small.pem
	openssl ecparam -genkey -name prime256v1 -noout -out ec.pem
	openssl pkey -in s1.pem -aes256 -passout pass:secret -out locked.pem
	openssl rsa -in s1.pem -traditional -out pkcs1.pem
	openssl pkey -in e1.pem -outform DER | tail -c 32 | base64 >seed.key
	printf 'secret\nsecond line\n' >pass
	printf 'wrong\n' >wrong
) 2>/dev/null
key_refused "RSA below 1024 bits" "1024" --key small.pem
key_refused "key of an unknown type" "ec.pem" --key ec.pem
key_refused "encrypted key without passphrase" "--passphrase-file" \
	--key locked.pem
key_refused "wrong passphrase" "passphrase" --key locked.pem \
	--passphrase-file wrong
key_refused "no such passphrase file" "absent" --key locked.pem \
	--passphrase-file absent
key_refused "no such variable" "NOT_SET" --key locked.pem \
	--passphrase-env NOT_SET
ok "nothing was written" [ ! -e never.mbox ]
ok "the input is as it was" cmp m.eml before.eml
locked=(sign --key locked.pem --domain example.com --selector s1)
run "${locked[@]}" --passphrase-file pass -o p1.mbox m.eml
is "--passphrase-file" "$status" 0
SECRET=secret run "${locked[@]}" --passphrase-env SECRET -o p2.mbox m.eml
is "--passphrase-env" "$status" 0
run sign --key pkcs1.pem --domain example.com --selector s1 -o p3.mbox m.eml
is "PKCS#1" "$status" 0
run sign --key seed.key --domain example.com --selector e1 -o p4.mbox m.eml
is "Ed25519 seed" "$status" 0
run verify --keys keys.zone p1.mbox p2.mbox p3.mbox p4.mbox insecure.mbox
is "what they signed verifies" "$status" 0

# OpenDKIM's tables.
mkdir tables
mv s1.pem e1.pem tables/
cat >tables/key.table <<'TABLE'
# name  domain:selector:path
rsa  example.com:s1:s1.pem
ed   example.com:e1:e1.pem
TABLE
cat >tables/signing.table <<'TABLE'
*@example.com   rsa
anna@*          ed
TABLE
run sign --key-table tables/key.table \
	--signing-table refile:tables/signing.table \
	--report ndjson:t.ndjson -o t.mbox m.eml
is "tables: exit status" "$status" 0
is "tables: every entry that matches signs" \
	"$(json t.ndjson 'join " ", map { $_->{selector} } @{$r->{signatures}}')" \
	"s1 e1"
sed 's/anna@example.com/otto@example.org/' m.eml >stranger.eml
run sign --key-table tables/key.table \
	--signing-table refile:tables/signing.table -o t.mbox stranger.eml
is "tables: a stranger is skipped: exit status" "$status" 1
ok "tables: and named" grep -q 'stranger.eml: skipped no-key-for-sender' err
echo 'nobody@example.com absent' >>tables/signing.table
refused "tables: entry without a key" "signing.table:3" \
	sign --key-table tables/key.table \
	--signing-table refile:tables/signing.table -o t.mbox m.eml
mv tables/s1.pem tables/e1.pem .

# Outputs: all or nothing.
mkdir out.d
run "${sign[@]}" -o /dev/full m.eml
is "full disk: exit status" "$status" 2
ok "full disk: said" grep -q 'No space left' err
run verify --keys keys.zone --report ndjson:/dev/full m.eml
is "full disk under a report: exit status" "$status" 2
"$SEALPRESS" verify --keys keys.zone m.eml >/dev/full 2>err
is "full standard output: exit status" "$?" 2
"$SEALPRESS" "${sign[@]}" - <m.eml >/dev/full 2>err
is "full standard output for messages: exit status" "$?" 2
"$SEALPRESS" sign --help >/dev/full 2>err
is "full standard output for help: exit status" "$?" 2
run "${sign[@]}" -o absent/out.mbox m.eml
is "no folder for the output: exit status" "$status" 2
run "${sign[@]}" -o out.d/x.mbox --report ndjson:/dev/full m.eml
is "a report fails: exit status" "$status" 2
is "a report fails: no output under its name, nothing left" "$(ls out.d)" ""
mbox 3000 >big.mbox
("$SEALPRESS" "${sign[@]}" -o - big.mbox 2>err; echo $? >code) | head -c 100 \
	>/dev/null
is "reader closes the pipe: exit status" "$(cat code)" 2
ok "reader closes the pipe: said" grep -q 'closed by its reader' err
(
	ulimit -f 200
	trap '' XFSZ
	"$SEALPRESS" "${sign[@]}" -o out.d/x.mbox big.mbox >out 2>err
	echo $? >code
)
is "file too large: exit status" "$(cat code)" 2
is "file too large: final name absent, nothing left" "$(ls out.d)" ""
finish
