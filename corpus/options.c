/* SPDX-License-Identifier: Apache-2.0 */
/* Options, and the help that teaches them. */
#include "corpus/options.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define KB 1024u
#define MEAN_KB_MAX 1048576u /* 1 GiB a message */
#define EXIT_USAGE 2

static const char help[] =
	"usage: mkcorpus [OPTION]... OUT\n"
	"Writes a corpus of mail to OUT. The same options give the same bytes\n"
	"on every machine, and nothing is held in memory but one message.\n"
	"\n"
	"  --kind KIND      what mail (newsletter):\n"
	"       newsletter  HTML and text with parts of each recipient's own\n"
	"       identical   the same with one body for everybody\n"
	"       archive     text, quoted-printable, attachments, lists; many\n"
	"                   domains, keys and years; some of it broken\n"
	"       hostile     mail that is meant to break who reads it\n"
	"  --count N        messages (1000)\n"
	"  --mean-kb K      mean size in KB of 1024 bytes, log-normal around "
	"it\n"
	"                   (20), at least 2, and 4 with the longest domain;\n"
	"                   signatures of newsletters come on top. Below 10,\n"
	"                   mail has less around its text: fewer fields, "
	"plain\n"
	"                   HTML. Identical mail has one size, which is "
	"drawn,\n"
	"                   and below 10 is the mean. An archive has the mean\n"
	"                   below 10, and 11 for 10, 18 for 20, 31 for 50:\n"
	"                   nobody writes more than 20 KB by hand. Hostile "
	"mail\n"
	"                   has sizes of its own\n"
	"  --seed S         another seed, another corpus (1)\n"
	"  --format FORMAT  mbox, maildir, or eml: one file each (mbox); the\n"
	"                   folder must be new; OUT may be - for an mbox\n"
	"  --domain D       domain of From of newsletters (example.com)\n"
	"  --crlf           lines end in CRLF instead of LF\n"
	"\n"
	"Signatures:\n"
	"  --sign KEY       sign newsletters with a key that is made from the\n"
	"                   seed, rsa1024, rsa2048, rsa4096 or ed25519, or "
	"with\n"
	"                   a PEM file; up to four times. An archive is "
	"signed\n"
	"                   anyway: there a file takes the place of all keys "
	"of\n"
	"                   its type\n"
	"  --selector S     of a newsletter's key (the name of its type: of "
	"files,\n"
	"                   rsa or ed25519; of a second key of a type, and so\n"
	"                   on, rsa-2)\n"
	"  --keys FILE      write what verifies it here (OUT.keys)\n"
	"  --shares LIST    percent of an archive that is wrong, the default\n"
	"                   being body=4,header=3,missing=3,expired=2,weak=2,\n"
	"                   sha1=2,unsigned=6: body or header changed, key "
	"not\n"
	"                   to be found, signature expired, RSA with 768 bits\n"
	"  --truth FILE     write the verdict of each message of an archive\n"
	"                   here (OUT.truth): index, Message-ID, verdict and\n"
	"                   verdict/reason of each signature, by --at message\n"
	"\n"
	"Keys that are made can be made again by everybody: they are for "
	"tests.\n"
	"\n"
	"  mkcorpus --count 10000 letters.mbox\n"
	"  mkcorpus --kind archive --count 5000 old.mbox\n"
	"  sealpress verify --keys old.mbox.keys --at message old.mbox\n";

static uint64_t number(const char *name, const char *text, uint64_t max)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || !sp_is_digit(*text) || *end || value > max)
		errx(EXIT_USAGE, "--%s %s: not a number up to %llu", name, text,
			(unsigned long long)max);
	return value;
}

/* The index of text among words, which NULL ends. */
static unsigned choice(
	const char *name, const char *text, const char *const *words)
{
	for (unsigned i = 0; words[i]; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	fprintf(stderr, "mkcorpus: --%s %s: there is", name, text);
	for (unsigned i = 0; words[i]; i++)
		fprintf(stderr, " %s", words[i]);
	fprintf(stderr, "\n");
	exit(EXIT_USAGE);
}

static void set_mean(struct options *options, const char *text)
{
	options->has_mean = true;
	options->mean_bytes =
		KB * (uint32_t)number("mean-kb", text, MEAN_KB_MAX);
}

/* NAME=PERCENT,... */
static void set_shares(struct options *options, char *list)
{
	uint32_t sum = 0;

	options->has_shares = true;
	for (char *word; (word = strsep(&list, ",")) != NULL;) {
		char *name = strsep(&word, "=");
		unsigned fault = 0;

		while (fault < ARCHIVE_FAULTS &&
			strcmp(name, archive_fault_names[fault]) != 0)
			fault++;
		if (fault == ARCHIVE_FAULTS || !word)
			errx(EXIT_USAGE,
				"--shares %s: write NAME=PERCENT, with the "
				"names that --help has",
				name);
		options->shares[fault] = (uint32_t)number("shares", word, 100);
	}
	for (unsigned i = 0; i < ARCHIVE_FAULTS; i++)
		sum += options->shares[i];
	if (sum > 100)
		errx(EXIT_USAGE, "--shares: more than 100 percent in all");
}

/* Letters, digits, "-" and "_" in labels, as DKIM has them (RFC 6376 3.1);
 * bytes above ASCII belong to internationalized names (RFC 8616). */
static bool is_name(const char *text)
{
	size_t label = 0;
	const char *at = text;

	for (; *at; at++) {
		bool fits = sp_is_alpha(*at) || sp_is_digit(*at) ||
			    *at == '-' || *at == '_' || *at & 0x80;

		if (*at == '.' ? label == 0 : !fits)
			return false;
		label = *at == '.' ? 0 : label + 1;
		if (label > OPTIONS_LABEL_MAX)
			return false;
	}
	return label > 0 && (size_t)(at - text) <= OPTIONS_DOMAIN_MAX;
}

static void check_name(const char *option, const char *text)
{
	if (text && !is_name(text))
		errx(EXIT_USAGE,
			"--%s %.64s: no domain name; write up to %u letters, "
			"digits, '-', '_' and dots, up to %u between dots",
			option, text, OPTIONS_DOMAIN_MAX, OPTIONS_LABEL_MAX);
}

static void add_key(struct options *options, const char *key)
{
	unsigned count = 0;

	while (options->sign[count])
		count++;
	if (count == OPTIONS_KEYS_MAX)
		errx(EXIT_USAGE, "--sign %s: at most %u keys", key,
			OPTIONS_KEYS_MAX);
	options->sign[count] = key;
}

static void set_option(struct options *options, const char *name)
{
	static const char *const kinds[] = {
		"newsletter", "identical", "archive", "hostile", NULL};
	static const char *const formats[] = {"mbox", "maildir", "eml", NULL};

	if (strcmp(name, "help") == 0) {
		fputs(help, stdout);
		exit(0);
	}
	if (strcmp(name, "kind") == 0)
		options->kind = (enum corpus_kind)choice(name, optarg, kinds);
	else if (strcmp(name, "count") == 0)
		options->count = number(name, optarg, UINT32_MAX);
	else if (strcmp(name, "mean-kb") == 0)
		set_mean(options, optarg);
	else if (strcmp(name, "seed") == 0)
		options->seed = number(name, optarg, UINT64_MAX);
	else if (strcmp(name, "format") == 0)
		options->format =
			(enum store_format)choice(name, optarg, formats);
	else if (strcmp(name, "domain") == 0)
		options->domain = optarg;
	else if (strcmp(name, "sign") == 0)
		add_key(options, optarg);
	else if (strcmp(name, "selector") == 0)
		options->selector = optarg;
	else if (strcmp(name, "keys") == 0)
		options->keys = optarg;
	else if (strcmp(name, "truth") == 0)
		options->truth = optarg;
	else if (strcmp(name, "shares") == 0)
		set_shares(options, optarg);
	else
		options->newline = "\r\n";
}

/* An option that means nothing here is a mistake. */
static void check(const struct options *options)
{
	bool letters = options->kind == CORPUS_NEWSLETTER ||
		       options->kind == CORPUS_IDENTICAL;

	if (options->selector && (!options->sign[0] || options->sign[1]))
		errx(EXIT_USAGE, "--selector: it is that of one --sign");
	if (options->selector && !letters)
		errx(EXIT_USAGE, "--selector: an archive has its own");
	if (options->domain && !letters)
		errx(EXIT_USAGE, "--domain: an archive has its own");
	if (options->has_mean && options->kind == CORPUS_HOSTILE)
		errx(EXIT_USAGE, "--mean-kb: what is hostile has sizes of its "
				 "own, up to megabytes");
	if (options->has_shares && letters)
		errx(EXIT_USAGE, "--shares: nothing is wrong with newsletters; "
				 "add --kind archive");
	check_name("domain", options->domain);
	check_name("selector", options->selector);
	if (options->keys && letters && !options->sign[0])
		errx(EXIT_USAGE, "--keys: nothing is signed; add --sign");
	if (options->truth && options->kind != CORPUS_ARCHIVE)
		errx(EXIT_USAGE, "--truth: it is known of an archive only");
	if (strcmp(options->path, "-") == 0 && options->format != STORE_MBOX)
		errx(EXIT_USAGE, "-: only an mbox can go there");
	if (!letters)
		for (unsigned i = 0; options->sign[i]; i++)
			if (!strchr(options->sign[i], '.') &&
				!strchr(options->sign[i], '/'))
				errx(EXIT_USAGE,
					"--sign %s: for an archive it is a "
					"file",
					options->sign[i]);
}

void options_parse(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{"kind", required_argument, NULL, 1},
		{"count", required_argument, NULL, 1},
		{"mean-kb", required_argument, NULL, 1},
		{"seed", required_argument, NULL, 1},
		{"format", required_argument, NULL, 1},
		{"domain", required_argument, NULL, 1},
		{"sign", required_argument, NULL, 1},
		{"selector", required_argument, NULL, 1},
		{"keys", required_argument, NULL, 1},
		{"truth", required_argument, NULL, 1},
		{"shares", required_argument, NULL, 1},
		{"crlf", no_argument, NULL, 1},
		{"help", no_argument, NULL, 1},
		{0},
	};
	int at;

	*options = (struct options){
		.count = 1000,
		.seed = 1,
		.mean_bytes = 20 * KB,
		.newline = "\n",
		.shares = ARCHIVE_SHARES,
	};
	for (int c; (c = getopt_long(argc, argv, "", longs, &at)) != -1;) {
		if (c != 1)
			exit(EXIT_USAGE);
		set_option(options, longs[at].name);
	}
	if (optind + 1 != argc)
		errx(EXIT_USAGE, "name one OUT; mkcorpus --help says more");
	options->path = argv[optind];
	check(options);
	if (!options->domain)
		options->domain = "example.com";
}

void options_check_mean(const struct options *options, uint32_t least_bytes)
{
	if (options->mean_bytes < least_bytes)
		errx(EXIT_USAGE,
			"--mean-kb %u: the least is %u, as messages have %u "
			"bytes with next to no text",
			options->mean_bytes / KB, (least_bytes + KB - 1) / KB,
			least_bytes);
}

void options_check_key_name(const struct options *options, const char *selector)
{
	if (strlen(options->domain) + strlen("._domainkey.") +
			strlen(selector) >
		OPTIONS_DOMAIN_MAX)
		errx(EXIT_USAGE,
			"--domain %.64s: with %.64s._domainkey. before it, "
			"more than %u letters; shorten it",
			options->domain, selector, OPTIONS_DOMAIN_MAX);
}
