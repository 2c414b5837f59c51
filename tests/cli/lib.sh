# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# What the tests of the command line share: TAP, a folder to work in, mail.
# Sourced first by each *.t, which is run from the top of the tree.

set -u
SEALPRESS=${SEALPRESS:-$PWD/build/release/sealpress}
expected=$PWD/tests/cli/expected
export LC_ALL=C
# Options of the caller's must not leak into what is expected.
unset SEALPRESS_CPU SEALPRESS_IO

work=$(mktemp -d "${TMPDIR:-/tmp}/sealpress-test.XXXXXX") || exit 1
trap 'chmod -R u+rwx "$work" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1

tests=0

# ok NAME COMMAND...: passes when the command succeeds.
ok() {
	local name=$1
	shift
	tests=$((tests + 1))
	if "$@" >.ok.log 2>&1; then
		echo "ok $tests - $name"
	else
		echo "not ok $tests - $name"
		echo "# $*"
		head -n 20 .ok.log | sed 's/^/#   /'
		# Most often the last run tells why.
		[ ! -e err ] || head -n 10 err | sed 's/^/# stderr: /'
	fi
}

# is NAME GOT EXPECTED
is() {
	tests=$((tests + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $tests - $1"
	else
		echo "not ok $tests - $1"
		printf '%s' "$2" | head -n 20 | sed 's/^/# got:      /'
		echo
		printf '%s' "$3" | head -n 20 | sed 's/^/# expected: /'
		echo
		[ ! -e err ] || head -n 10 err | sed 's/^/# stderr: /'
	fi
}

skip() { # NAME WHY
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

finish() {
	echo "1..$tests"
}

# run ARGUMENT...: runs sealpress; leaves out, err and $status.
run() {
	"$SEALPRESS" "$@" >out 2>err
	status=$?
}

# refused NAME TEXT ARGUMENT...: exit status 2, nothing on stdout, and one
# line on stderr that holds TEXT.
refused() {
	local name=$1 text=$2
	shift 2
	run "$@" </dev/null
	is "$name: exit status" "$status" 2
	ok "$name: says '$text'" grep -qF -- "$text" err
	is "$name: one line, from sealpress" \
		"$(grep -c '' err) $(grep -c '^sealpress: ' err)" "1 1"
	ok "$name: nothing on standard output" [ ! -s out ]
}

# Keys s1 (RSA) and e1 (Ed25519) of example.com, and their records.
make_keys() {
	"$SEALPRESS" keygen --domain example.com --selector s1 -o s1.pem \
		>keys.zone 2>/dev/null &&
		"$SEALPRESS" keygen --domain example.com --selector e1 \
			--type ed25519 -o e1.pem >>keys.zone
}
rsa=(--key s1.pem --domain example.com --selector s1)
ed=(--key e1.pem --domain example.com --selector e1)

# message N: one message with LF line ends.
message() {
	cat <<-MAIL
		From: Anna <anna@example.com>
		To: Bert <bert@example.net>
		Subject: message $1
		Date: Fri, 13 Sep 2024 10:00:00 +0200
		Message-ID: <$1@example.com>
		MIME-Version: 1.0
		Content-Type: text/plain; charset=utf-8

		Hello Bert,  this is	message $1.
		>From the body, a line that mboxes quote.

		Bye
	MAIL
}

crlf() {
	sed 's/$/\r/'
}

# mbox COUNT: an mbox of that many messages.
mbox() {
	message @N@ | perl -0777 -e '
		my $text = <STDIN>;
		$text =~ s/^(>*From )/>$1/mg;
		for my $i (0 .. $ARGV[0] - 1) {
			(my $one = $text) =~ s/\@N\@/$i/g;
			printf "From anna\@example.com " .
				"Fri Sep 13 08:00:%02d 2024\n$one\n", $i % 60;
		}' "$1"
}

# maildir NAME COUNT: even ones in new, odd ones in cur with flags.
maildir() {
	local i size
	mkdir -p "$1/cur" "$1/new" "$1/tmp"
	for ((i = 0; i < $2; i++)); do
		message "$i" >"$1/tmp/m"
		size=$(stat -c %s "$1/tmp/m")
		if ((i % 2)); then
			mv "$1/tmp/m" "$1/cur/17000000$i.M$i.host,S=$size:2,S"
		else
			mv "$1/tmp/m" "$1/new/17000000$i.M$i.host,S=$size"
		fi
	done
}

# folder NAME COUNT
folder() {
	local i
	mkdir -p "$1/sub"
	for ((i = 0; i < $2; i++)); do
		if ((i % 2)); then
			message "$i" >"$1/sub/$i.eml"
		else
			message "$i" >"$1/$i.eml"
		fi
	done
}

# Takes the new fields, which stand on top, off one message.
without_signatures() {
	perl -0777 -pe '1 while s/\ADKIM-Signature:.*?\r?\n(?![ \t])//s'
}

# The same for every message of an mbox.
without_mbox_signatures() {
	perl -0777 -pe \
		'1 while s/^(From [^\n]*\n)DKIM-Signature:.*?\n(?![ \t])/$1/smg'
}

# json FILE EXPRESSION: prints the Perl expression, in which $r is the record,
# for each line; fails when a line is not JSON.
json() {
	perl -MJSON::PP -e '
		binmode STDOUT, ":utf8";
		my $code = eval "sub { my \$r = shift; $ARGV[1] }" or die $@;
		open my $in, "<", $ARGV[0] or die $!;
		while (<$in>) {
			my $value = $code->(decode_json($_));
			print defined $value ? $value : "null", "\n";
		}' "$1" "$2"
}
