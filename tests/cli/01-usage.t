#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Help, version, and what wrong usage is told.
. tests/cli/lib.sh

for command in sign verify keygen bench; do
	run "$command" --help
	is "$command --help: exit status" "$status" 0
	ok "$command --help: nothing on standard error" [ ! -s err ]
	ok "$command --help: as expected" \
		diff "$expected/help-$command.txt" out
	cp out help
	run help "$command"
	ok "help $command says the same" cmp help out
	run "$command" -h
	ok "$command -h says the same" cmp help out
	is "$command --help: fits 79 columns" "$(grep -c '.\{80\}' help)" 0
	grep -oE '^ +(-., +)?--[a-z0-9-]+' help | grep -oE -- '--[a-z0-9-]+' |
		sort -u >options
	missing=
	while read -r option; do
		grep -qF -- "${option#--}" "$expected/../../../docs/sealpress.1" \
			>/dev/null || missing="$missing $option"
	done < <(sed 's/-/\\-/3g; s/\\-/-/g' options)
	is "$command: the manual has every option" "$missing" ""
done

run --help
is "--help: exit status" "$status" 0
ok "--help: as expected" diff "$expected/help.txt" out
cp out help
run help
ok "help says the same" cmp help out
run help --help
ok "and so does help --help" cmp help out

run --version
ok "--version: as expected" grep -qE '^sealpress [0-9]+\.[0-9]+\.[0-9]+$' out
is "--version: one line" "$(wc -l <out)" 1
run sign --version
is "--version of a command too" "$status" 0
for words in "--version -v" "-v --version"; do
	# shellcheck disable=SC2086
	run $words
	for what in OpenSSL liburing "CPU level" kernels "I/O backend" memory; do
		ok "$words: says $what" grep -q "$what" out
	done
done
run --version -v
ok "--version -v: the bound of the key cache" \
	grep -qE '^key cache: up to [0-9]+ names and [0-9]+ MiB' out
SEALPRESS_CPU=scalar run --version -v
ok "SEALPRESS_CPU caps the CPU level" grep -q 'CPU level: scalar' out
SEALPRESS_CPU=scalar run --version -v --cpu=auto
is "--cpu is an option of commands that work" "$status" 2

refused "no command" "see 'sealpress --help'"
refused "unknown command" "unknown command 'frobnicate'" frobnicate
refused "nearly a command" "did you mean 'verify'?" veryfy
refused "help for nearly a command" "did you mean 'keygen'?" help keygne
refused "help for an unknown command" "unknown command 'x'" help x
refused "option before the command" "the command comes before" -v sign

message 1 >m.eml
refused "unknown option" "did you mean '--domain'?" sign --domian x m.eml
refused "abbreviated option" "did you mean '--selector'?" sign --sel x m.eml
refused "option without its argument" "--key needs FILE behind it" sign --key
refused "flag with an argument" "--in-place takes no argument" \
	sign --in-place=yes m.eml
refused "unknown short option" "unknown option '-z'" verify -z m.eml
refused "jobs out of range" "from 1 to 256" verify -j 0 m.eml
refused "unknown CPU level" "use scalar, neon, avx2, avx512 or auto" \
	verify --cpu mmx m.eml
refused "unknown progress mode" "choose from auto, always, never" \
	verify --progress=maybe m.eml
refused "unknown format" "choose from auto, maildir, mbox, eml" \
	verify --format zip m.eml
refused "unknown mbox kind" "choose from auto, rd, o, cl, cl2" \
	verify --mbox mh m.eml
refused "no input" "no input given" verify --keys k.zone
refused "-0 alone" "-0 goes with --files-from" verify --keys k.zone -0 m.eml
refused "standard input twice" "read only once" \
	verify --keys k.zone --files-from - -

make_keys
sign=(sign "${rsa[@]}")
refused "no key" "no key; give --key" sign -o out.mbox m.eml
refused "key without domain" "--key s1.pem has no --domain" \
	sign --key s1.pem --selector s1 -o out.mbox m.eml
refused "second key without its selector" "--key e1.pem has no --selector" \
	"${sign[@]}" --key e1.pem --domain example.com -o out.mbox m.eml
refused "second key before the first is whole" "--key s1.pem has no --domain" \
	sign --key s1.pem --key e1.pem -o out.mbox m.eml
refused "key and tables" "exclude each other" \
	"${sign[@]}" --key-table a --signing-table b -o out.mbox m.eml
refused "one table" "go together" sign --key-table a -o out.mbox m.eml
refused "nowhere to write" "where to?" "${sign[@]}" m.eml
refused "two places to write" "exclude each other" \
	"${sign[@]}" -o out.mbox --headers-only m.eml
refused "in place of something else" "must be a Maildir" \
	"${sign[@]}" --in-place m.eml
refused "in place of standard input" "must be a Maildir" \
	"${sign[@]}" --in-place -
maildir twice 2
ln -s twice other.twice
for name in twice twice/ other.twice; do
	refused "in place twice, the other time as $name" "are one Maildir" \
		"${sign[@]}" --in-place twice "$name"
done
ok "and nothing is signed" [ -z "$(grep -lr DKIM-Signature twice)" ]
mkfifo pipe
ln -s absent/out.mbox nowhere
for name in pipe nowhere; do
	refused "metrics at $name" "name a" \
		"${sign[@]}" --metrics $name -o out.mbox m.eml
	refused "a key at $name" "name a" \
		keygen --domain example.com --selector x --force -o $name
	refused "a key cache at $name" "name a" \
		verify --dns --resolver 127.0.0.1 --key-cache $name m.eml
done
refused "output at a link to nothing" "a symbolic link to what is not there" \
	"${sign[@]}" -o nowhere m.eml
refused "a key cache in no folder" "cannot be made" \
	verify --dns --resolver 127.0.0.1 --key-cache absent/cache m.eml
ok "all of it is as it was" [ -p pipe -a -L nowhere -a ! -e absent ]
rm -r twice other.twice pipe nowhere
refused "unknown canonicalization" "choose from simple/simple" \
	"${sign[@]}" -c relaxed -o out.mbox m.eml
refused "bad time" "2024-02-29T12:00:00Z" \
	"${sign[@]}" --timestamp yesterday -o out.mbox m.eml
refused "bad expiry" "--expire (or never): 'soon'" \
	"${sign[@]}" --expire soon -o out.mbox m.eml
refused "bad header name" "x y" "${sign[@]}" --headers "x y" -o out.mbox m.eml
refused "identity without @" "has no @" \
	"${sign[@]}" --identity anna -o out.mbox m.eml
refused "identity of another domain" "section 3.5" \
	"${sign[@]}" --identity anna@example.org -o out.mbox m.eml
refused "identity without a domain" "is no domain name" \
	"${sign[@]}" --identity "@a b.example.com" -o out.mbox m.eml
refused "a profile among names" "'Default' is a profile and stands alone" \
	"${sign[@]}" --headers Default:X-Campaign -o out.mbox m.eml
SEALPRESS_IO=foo refused "no such backend" "use io_uring or pread" \
	verify --keys keys.zone m.eml
refused "an empty word for input" "an INPUT is an empty word" \
	"${sign[@]}" -o out.mbox ""
refused "report without a path" "FORMAT:PATH" \
	"${sign[@]}" --report ndjson -o out.mbox m.eml
refused "unknown report format" "choose from ndjson, csv, text" \
	"${sign[@]}" --report xml:a -o out.mbox m.eml
refused "report and messages to standard output" "both go to standard output" \
	"${sign[@]}" --report ndjson:- -o - m.eml
refused "two reports to standard output" "both go to standard output" \
	verify --keys keys.zone --report ndjson:- --report csv:- m.eml
refused "two outputs with one name" "both name" \
	verify --keys keys.zone --report ndjson:a --report csv:./a m.eml

refused "no public keys" "no keys; give --keys FILE" verify --no-dns m.eml
refused "DNS and no DNS" "contradict each other" verify --dns --no-dns m.eml
refused "resolver without DNS" "--resolver goes with --dns" \
	verify --keys keys.zone --resolver 127.0.0.1 m.eml
refused "resolver by name" "write 192.0.2.1" verify --resolver localhost m.eml
refused "resolver's port" "'127.0.0.1#0' is no address" \
	verify --resolver "127.0.0.1#0" m.eml
refused "nine resolvers" "at most 8 name servers" \
	verify --resolver=127.0.0.{1,2,3,4,5,6,7,8,9} m.eml
refused "no patience" "--dns-timeout" verify --dns-timeout 0 m.eml
refused "no window" "--dns-window" verify --dns-window 20001 m.eml
refused "no rate" "--dns-qps" verify --dns-qps 0 m.eml
refused "lifetimes crossed" "is more than --dns-max-ttl" \
	verify --dns-min-ttl 100 --dns-max-ttl 99 m.eml
refused "cache without DNS" "--key-cache keeps keys from DNS" \
	verify --keys keys.zone --key-cache c m.eml
refused "cache without name" "--key-cache: the path is empty" \
	verify --key-cache= m.eml
refused "cache on a stream" "it must be a file" verify --key-cache - m.eml
refused "rate without DNS" "--dns-qps goes with --dns" \
	verify --no-dns --keys keys.zone --dns-qps 3 m.eml
refused "copies to nowhere" "say where with -o" \
	verify --keys keys.zone --add-authres mx.example.com m.eml
refused "-o without --add-authres" "goes with --add-authres" \
	verify --keys keys.zone -o out.mbox m.eml
refused "host with a line end" "HOST must be a name" \
	verify --keys keys.zone --add-authres $'mx\nX-Injected: yes' -o o m.eml
refused "bad clock" "--at: 'then'" verify --keys keys.zone --at "then" m.eml

cp m.eml before.eml
mkdir box
cp m.eml box/
refused "output over its input" "written into the input" \
	"${sign[@]}" -o m.eml m.eml
refused "output over its input by another name" "written into the input" \
	"${sign[@]}" -o ./box/../m.eml m.eml
ln m.eml hard.eml
refused "output over its input by another link" "written into the input" \
	"${sign[@]}" -o hard.eml m.eml
refused "output into the folder that is read" "written into the input" \
	"${sign[@]}" -o box/out.mbox box
refused "Maildir below the folder that is read" "written into the input" \
	"${sign[@]}" -o box/out/ box
mkdir -p mail/cur mail/new mail/tmp
refused "the Maildir of the folder that is read" "written into the input" \
	"${sign[@]}" -o mail/ mail/cur
refused "report into the folder that is read" "written into the input" \
	verify --keys keys.zone --report csv:box/r.csv box
echo m.eml >list
refused "output over the list of files" "--files-from reads" \
	"${sign[@]}" -o list --files-from list
cp m.eml mine.eml
echo ./mine.eml >list
refused "output over a file of the list" "./mine.eml: is in the list list" \
	"${sign[@]}" --files-from list -o mine.eml
refused "report over a file of the list" "would be written over" \
	"${sign[@]}" --files-from list --report csv:mine.eml -o list.mbox
ok "a file of the list is as it was" cmp -s m.eml mine.eml
ok "and nothing else is there" [ ! -e list.mbox ]
cat s1.pem keys.zone >before.keys
refused "output over its key" "is a key of" "${sign[@]}" -o ./s1.pem m.eml
refused "report over public keys" "has the keys" \
	verify --keys keys.zone --report csv:keys.zone m.eml
echo "*@example.com k" >signers
echo "k example.com:s1:s1.pem" >table
refused "metrics over a table" "has the keys" sign --key-table table \
	--signing-table refile:signers --metrics signers -o out.mbox m.eml
ln s1.pem other.name
refused "output over a key of the table" "is a key of" sign --key-table table \
	--signing-table refile:signers -o other.name m.eml
echo secret >phrase
refused "figures over a passphrase" "has the keys" \
	"${sign[@]}" --passphrase-file phrase --stats json:phrase \
	-o out.mbox m.eml
refused "report over the key cache" "both name cache" verify --dns \
	--keys keys.zone --key-cache cache --report csv:cache m.eml
ok "the keys are as they were" cmp <(cat s1.pem keys.zone) before.keys
ok "the input is as it was" cmp m.eml before.eml
ok "nothing was written" [ ! -e out.mbox ]
finish
