/* SPDX-License-Identifier: Apache-2.0 */
/* The option parser, groups of keys, and times on the command line. */
#include <criterion/criterion.h>

#include "cli/options.h"
#include "cli/triples.h"
#include "cli/when.h"

struct wish {
	bool quiet;
	bool oversign;
	const char *output;
	uint64_t jobs;
	int choice;
	const char *last; /* of the call */
	int calls;
};

static enum sp_status note(
	void *target, const char *argument, struct sp_error *error)
{
	struct wish *wish = target;

	if (strcmp(argument, "bad") == 0)
		return sp_error(error, SP_CONFIG, "--note: bad");
	wish->last = argument;
	wish->calls++;
	return SP_OK;
}

static const char *const colours[] = {"red", "green", NULL};

#define WISH(field) .offset = offsetof(struct wish, field)

static const struct sp_option options[] = {
	{.name = "quiet", .letter = 'q', .kind = SP_OPTION_ON, WISH(quiet)},
	{.name = "no-oversign", .kind = SP_OPTION_OFF, WISH(oversign)},
	{.name = "output",
		.letter = 'o',
		.argument = "PATH",
		.kind = SP_OPTION_TEXT,
		WISH(output)},
	{.name = "jobs",
		.letter = 'j',
		.argument = "N",
		.kind = SP_OPTION_NUMBER,
		WISH(jobs),
		.min = 1,
		.max = 256},
	{.name = "colour",
		.argument = "NAME",
		.kind = SP_OPTION_CHOICE,
		WISH(choice),
		.choices = colours},
	{.name = "note",
		.argument = "TEXT",
		.kind = SP_OPTION_CALL,
		.call = note},
	{.name = NULL},
};

#define WORDS_MAX 8

struct parsed {
	struct wish wish;
	enum sp_status status;
	struct sp_error error;
	char *argv[WORDS_MAX + 2];
	int argc;
	int first;
};

/* Parses the words, which end with NULL. */
static void parse(struct parsed *parsed, const char *const *words)
{
	struct sp_option_group group = {"Options", options, &parsed->wish};

	memset(parsed, 0, sizeof(*parsed));
	parsed->wish.oversign = true;
	parsed->argv[parsed->argc++] = (char *)(uintptr_t) "sealpress test";
	for (; *words; words++)
		parsed->argv[parsed->argc++] = (char *)(uintptr_t)*words;
	parsed->status = sp_options_parse(&group, 1, parsed->argc, parsed->argv,
		&parsed->first, &parsed->error);
}

#define PARSE(parsed, ...) \
	parse((parsed), (const char *const[]){__VA_ARGS__, NULL})

static void expect_refused(const char *const *words, const char *text)
{
	struct parsed parsed;

	parse(&parsed, words);
	cr_expect_eq(parsed.status, SP_CONFIG, "%s was accepted", words[0]);
	cr_expect_str_eq(parsed.error.text, text);
}
#define REFUSED(text, ...) \
	expect_refused((const char *const[]){__VA_ARGS__, NULL}, (text))

Test(options, takes_long_options_with_equals_sign_or_blank)
{
	struct parsed parsed;

	PARSE(&parsed, "--output=a", "--jobs", "7", "--colour=green");
	cr_assert_eq(parsed.status, SP_OK);
	cr_expect_str_eq(parsed.wish.output, "a");
	cr_expect_eq(parsed.wish.jobs, 7);
	cr_expect_eq(parsed.wish.choice, 1);
	cr_expect_eq(parsed.first, parsed.argc);
}

Test(options, takes_short_options_apart_attached_and_bundled)
{
	struct parsed parsed;

	PARSE(&parsed, "-qj3", "-o", "-");
	cr_assert_eq(parsed.status, SP_OK);
	cr_expect(parsed.wish.quiet);
	cr_expect_eq(parsed.wish.jobs, 3);
	cr_expect_str_eq(parsed.wish.output, "-");
}

Test(options, mixes_with_operands_until_a_double_dash)
{
	struct parsed parsed;

	PARSE(&parsed, "in1", "-q", "-", "--no-oversign", "--", "-q2");
	cr_assert_eq(parsed.status, SP_OK);
	cr_expect(parsed.wish.quiet);
	cr_expect_not(parsed.wish.oversign);
	cr_assert_eq(parsed.argc - parsed.first, 3);
	cr_expect_str_eq(parsed.argv[parsed.first], "in1");
	cr_expect_str_eq(parsed.argv[parsed.first + 1], "-");
	cr_expect_str_eq(parsed.argv[parsed.first + 2], "-q2");
}

Test(options, calls_for_each_time_given_in_order)
{
	struct parsed parsed;

	PARSE(&parsed, "--note", "a", "--note=b", "--output=x", "-oy");
	cr_assert_eq(parsed.status, SP_OK);
	cr_expect_eq(parsed.wish.calls, 2);
	cr_expect_str_eq(parsed.wish.last, "b");
	cr_expect_str_eq(parsed.wish.output, "y");
}

Test(options, refuses_unknown_ones_with_a_suggestion)
{
	REFUSED("unknown option '--outptu'; did you mean '--output'?",
		"--outptu=x");
	REFUSED("unknown option '--color'; did you mean '--colour'?", "--color",
		"red");
	REFUSED("unknown option '--zzzzzzz'; see 'sealpress test --help'",
		"--zzzzzzz");
	REFUSED("unknown option '-x'; see 'sealpress test --help'", "-x");
	REFUSED("unknown option '-x'; see 'sealpress test --help'", "-qx");
}

Test(options, refuses_abbreviations)
{
	REFUSED("unknown option '--out'; did you mean '--output'?", "--out",
		"x");
	REFUSED("unknown option '--out'; did you mean '--output'?", "--out=x");
	REFUSED("unknown option '--qui'; did you mean '--quiet'?", "--qui");
	/* Ambiguous even to getopt_long(). */
	REFUSED("unknown option '--no'; did you mean '--no-oversign'?", "--no");
}

Test(options, refuses_missing_and_needless_arguments)
{
	REFUSED("option --output needs PATH behind it", "--output");
	REFUSED("option --jobs needs N behind it", "-j");
	REFUSED("option --quiet takes no argument", "--quiet=yes");
}

Test(options, refuses_bad_values_with_what_would_be_good)
{
	static const char *const bad[] = {"0", "257", "x", "1x", "-1", " 1", "",
		"99999999999999999999999", "18446744073709551617"};
	char text[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text),
			"--jobs: '%s' is no whole number from 1 to 256",
			bad[i]);
		REFUSED(text, "--jobs", bad[i]);
	}
	REFUSED("--colour: unknown 'blue'; choose from red, green",
		"--colour=blue");
	REFUSED("--note: bad", "--note", "bad");
}

Test(options, numbers_reach_to_both_ends)
{
	struct sp_error error;
	uint64_t number;

	cr_assert_eq(sp_options_number("x", "18446744073709551615", 0,
			     UINT64_MAX, &number, &error),
		SP_OK);
	cr_expect_eq(number, UINT64_MAX);
	cr_expect_eq(sp_options_number("x", "18446744073709551616", 0,
			     UINT64_MAX, &number, &error),
		SP_CONFIG);
	cr_assert_eq(
		sp_options_number("x", "007", 7, 7, &number, &error), SP_OK);
	cr_expect_eq(number, 7);
}

/* A group of --key, --domain, --selector is whole before the next begins. */
Test(options, keys_come_in_groups_of_three_in_any_order)
{
	struct sp_triples triples = {.count = 0};
	struct sp_error error;

	cr_assert_eq(sp_triples_key(&triples, "k1", &error), SP_OK);
	cr_assert_eq(sp_triples_selector(&triples, "s1", &error), SP_OK);
	cr_assert_eq(sp_triples_domain(&triples, "d1", &error), SP_OK);
	cr_assert_eq(sp_triples_domain(&triples, "d2", &error), SP_OK);
	cr_assert_eq(sp_triples_check(&triples, &error), SP_CONFIG);
	cr_expect_str_eq(error.text,
		"--domain d2 has no --key; give each --key its own --domain "
		"and --selector");
	cr_assert_eq(sp_triples_key(&triples, "k2", &error), SP_OK);
	cr_assert_eq(sp_triples_selector(&triples, "s2", &error), SP_OK);
	cr_assert_eq(sp_triples_check(&triples, &error), SP_OK);
	cr_assert_eq(triples.count, 2);
	cr_expect_str_eq(triples.triple[0].domain, "d1");
	cr_expect_str_eq(triples.triple[1].key, "k2");
}

Test(options, a_second_member_before_the_group_is_whole_is_refused)
{
	struct sp_triples triples = {.count = 0};
	struct sp_error error;

	cr_assert_eq(sp_triples_key(&triples, "k1", &error), SP_OK);
	cr_assert_eq(sp_triples_selector(&triples, "s1", &error), SP_OK);
	cr_assert_eq(sp_triples_key(&triples, "k2", &error), SP_CONFIG);
	cr_expect_str_eq(error.text,
		"--key k1 has no --domain; give each --key its own --domain "
		"and --selector");
}

Test(options, as_many_keys_as_a_message_can_have_and_no_more)
{
	struct sp_triples triples = {.count = 0};
	struct sp_error error;

	for (unsigned i = 0; i < SP_KEYS_PER_MESSAGE_MAX; i++) {
		cr_assert_eq(sp_triples_key(&triples, "k", &error), SP_OK);
		cr_assert_eq(sp_triples_domain(&triples, "d", &error), SP_OK);
		cr_assert_eq(sp_triples_selector(&triples, "s", &error), SP_OK);
	}
	cr_expect_eq(sp_triples_key(&triples, "k", &error), SP_CONFIG);
}

/* RFC 3339 section 5.6, and its examples in 5.8. */
Test(options, times_are_unix_seconds_or_rfc_3339)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} good[] = {
		{"0", 0},
		{"1700000000", 1700000000},
		{"999999999999", 999999999999},
		{"1970-01-01T00:00:00Z", 0},
		{"1985-04-12T23:20:50.52Z", 482196050},
		{"1996-12-19T16:39:57-08:00", 851042397},
		{"1990-12-31T23:59:60Z", 662688000},
		{"1937-01-01T12:00:27.87+00:20", -1},
		{"2000-02-29T00:00:00z", 951782400},
		{"2024-02-29 12:00:00Z", 1709208000},
		{"2024-02-29t12:00:00+05:30", 1709188200},
		{"9999-12-31T23:59:59Z", 253402300799},
	};
	int64_t seconds;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		bool known = sp_when_parse(good[i].text, &seconds);

		/* Signatures know no time before 1970. */
		cr_expect_eq(known, good[i].seconds >= 0, "%s", good[i].text);
		if (known)
			cr_expect_eq(seconds, good[i].seconds, "%s: %lld",
				good[i].text, (long long)seconds);
	}
}

Test(options, what_is_no_time_is_refused)
{
	static const char *const bad[] = {"", "now", "-1", "1000000000000",
		"1.5", "12 ", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
		"2024-00-01T00:00:00Z", "2024-01-01T24:00:00Z",
		"2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z",
		"2024-01-01T00:00:00", "2024-01-01", "2024-01-01T00:00Z",
		"2024-1-1T00:00:00Z", "2024-01-01T00:00:00.Z",
		"2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+0100",
		"2024-01-01T00:00:00Zx", "0000-01-01T00:00:00Z"};
	int64_t seconds;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(sp_when_parse(bad[i], &seconds), "%s", bad[i]);
}
