/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkcorpus: writes a corpus of mail for tests and benchmarks. The same options
 * give the same bytes on every machine. Nothing is held in memory but the
 * message that is being made.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "corpus/newsletter.h"
#include "corpus/store.h"

#define MEAN_KB_MAX 1048576u /* 1 GiB a message */
#define EXIT_USAGE 2

struct options {
	struct newsletter_options newsletter;
	uint64_t count;
	bool maildir;
	const char *path;
};

static const char help[] =
	"usage: mkcorpus [OPTION]... OUT\n"
	"Writes a corpus of mail to OUT (an mbox, a new Maildir, or - ).\n"
	"\n"
	"  --kind newsletter|identical  identical: one body for everybody\n"
	"  --count N                    messages (1000)\n"
	"  --mean-kb K                  mean size, log-normal around it (20)\n"
	"  --seed S                     another seed, another corpus (1)\n"
	"  --format mbox|maildir        (mbox)\n"
	"  --domain D                   domain of From (example.com)\n"
	"  --crlf                       lines end in CRLF instead of LF\n"
	"\n"
	"The same options give the same bytes on every machine.\n"
	"Example: mkcorpus --count 10000 --mean-kb 20 --seed 1 letters.mbox\n";

static uint64_t number(const char *name, const char *text, uint64_t max)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value > max)
		errx(EXIT_USAGE, "--%s %s: not a number up to %llu", name, text,
			(unsigned long long)max);
	return value;
}

/* Which of two words text is. */
static bool choice(
	const char *name, const char *text, const char *no, const char *yes)
{
	if (strcmp(text, yes) != 0 && strcmp(text, no) != 0)
		errx(EXIT_USAGE, "--%s %s: write %s or %s", name, text, no,
			yes);
	return strcmp(text, yes) == 0;
}

static void set_option(struct options *options, const char *name)
{
	struct newsletter_options *newsletter = &options->newsletter;

	if (strcmp(name, "help") == 0) {
		fputs(help, stdout);
		exit(0);
	}
	if (strcmp(name, "kind") == 0)
		newsletter->identical =
			choice(name, optarg, "newsletter", "identical");
	else if (strcmp(name, "count") == 0)
		options->count = number(name, optarg, UINT32_MAX);
	else if (strcmp(name, "mean-kb") == 0)
		newsletter->mean_bytes =
			1024 * (uint32_t)number(name, optarg, MEAN_KB_MAX);
	else if (strcmp(name, "seed") == 0)
		newsletter->seed = number(name, optarg, UINT64_MAX);
	else if (strcmp(name, "format") == 0)
		options->maildir = choice(name, optarg, "mbox", "maildir");
	else if (strcmp(name, "domain") == 0)
		newsletter->domain = optarg;
	else
		newsletter->newline = "\r\n";
}

static void parse(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{"kind", required_argument, NULL, 1},
		{"count", required_argument, NULL, 1},
		{"mean-kb", required_argument, NULL, 1},
		{"seed", required_argument, NULL, 1},
		{"format", required_argument, NULL, 1},
		{"domain", required_argument, NULL, 1},
		{"crlf", no_argument, NULL, 1},
		{"help", no_argument, NULL, 1},
		{0},
	};
	int at;

	for (int c; (c = getopt_long(argc, argv, "", longs, &at)) != -1;) {
		if (c != 1)
			exit(EXIT_USAGE);
		set_option(options, longs[at].name);
	}
	if (optind + 1 != argc)
		errx(EXIT_USAGE, "name one OUT; mkcorpus --help says more");
	options->path = argv[optind];
}

int main(int argc, char **argv)
{
	struct options options = {
		.newsletter = {.seed = 1,
			.domain = "example.com",
			.newline = "\n",
			.mean_bytes = 20 << 10},
		.count = 1000,
	};
	static struct newsletter newsletter;
	struct store store;

	parse(&options, argc, argv);
	newsletter_init(&newsletter, &options.newsletter);
	store_open(&store, options.path, options.maildir,
		options.newsletter.newline);
	for (uint64_t i = 0; i < options.count; i++) {
		int64_t time = newsletter_time(i);
		size_t offset = store_begin(&store, time);

		newsletter_add(&newsletter, i, &store.text);
		store_message(&store, offset, i, time);
	}
	store_close(&store);
	newsletter_free(&newsletter);
	return 0;
}
