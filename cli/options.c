/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of options for getopt_long(3), values, help. */
#include "cli/options.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "cli/nearest.h"

/* What getopt_long() reads, and which entry each of its answers means. */
struct table {
	struct option longs[SP_OPTIONS_MAX + 1];
	const struct sp_option *options[SP_OPTIONS_MAX];
	void *targets[SP_OPTIONS_MAX];
	char letters[2 * SP_OPTIONS_MAX + 2];
	size_t count;
};

/* getopt_long() returns this plus the index, or a letter. */
#define LONG_BASE 256

static void table_add(
	struct table *table, const struct sp_option *option, void *target)
{
	size_t i = table->count++;
	size_t used = strlen(table->letters);

	assert(i < SP_OPTIONS_MAX);
	table->options[i] = option;
	table->targets[i] = target;
	table->longs[i] = (struct option){
		.name = option->name,
		.has_arg = option->argument ? required_argument : no_argument,
		.val = LONG_BASE + (int)i,
	};
	if (option->letter) {
		table->letters[used] = option->letter;
		table->letters[used + 1] = option->argument ? ':' : '\0';
	}
}

static void table_init(struct table *table,
	const struct sp_option_group *groups, size_t group_count)
{
	memset(table, 0, sizeof(*table));
	/* A leading ':' tells a missing argument from an unknown option. */
	table->letters[0] = ':';
	for (size_t g = 0; g < group_count; g++)
		for (const struct sp_option *option = groups[g].options;
			option->name; option++)
			table_add(table, option, groups[g].target);
}

/* Index of the entry a letter or value of getopt_long() means, or count. */
static size_t table_find(const struct table *table, int value)
{
	if (value >= LONG_BASE)
		return (size_t)(value - LONG_BASE);
	for (size_t i = 0; i < table->count; i++)
		if (table->options[i]->letter == value)
			return i;
	return table->count;
}

static enum sp_status unknown_long(const struct table *table,
	const char *command, const char *given, struct sp_error *error)
{
	struct sp_span name = sp_span(given + 2, strcspn(given + 2, "="));
	struct sp_nearest nearest;

	sp_nearest_begin(&nearest, name);
	for (size_t i = 0; i < table->count; i++)
		sp_nearest_try(&nearest, table->options[i]->name);
	if (nearest.name)
		return sp_error(error, SP_CONFIG,
			"unknown option '--%.*s'; did you mean '--%s'?",
			SP_SPAN_ARGS(name), nearest.name);
	return sp_error(error, SP_CONFIG,
		"unknown option '--%.*s'; see '%s --help'", SP_SPAN_ARGS(name),
		command);
}

/* getopt_long() said '?' or ':': say what is wrong. */
static enum sp_status explain(const struct table *table, int answer,
	const char *command, const char *given, struct sp_error *error)
{
	size_t i = table_find(table, optopt);

	/* optopt is 0 for an unknown or ambiguous long option. */
	if (optopt == 0)
		return unknown_long(table, command, given, error);
	if (i == table->count)
		return sp_error(error, SP_CONFIG,
			"unknown option '-%c'; see '%s --help'", optopt,
			command);
	if (answer == ':')
		return sp_error(error, SP_CONFIG,
			"option --%s needs %s behind it",
			table->options[i]->name, table->options[i]->argument);
	return sp_error(error, SP_CONFIG, "option --%s takes no argument",
		table->options[i]->name);
}

enum sp_status sp_options_number(const char *what, const char *text,
	uint64_t min, uint64_t max, uint64_t *number, struct sp_error *error)
{
	uint64_t value = 0;
	const char *at = text;

	for (; sp_is_digit(*at) && value <= max; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (value > (UINT64_MAX - digit) / 10)
			break;
		value = value * 10 + digit;
	}
	if (at == text || *at || value < min || value > max)
		return sp_error(error, SP_CONFIG,
			"%s: '%s' is no whole number from %llu to %llu", what,
			text, (unsigned long long)min, (unsigned long long)max);
	*number = value;
	return SP_OK;
}

static enum sp_status set_choice(const struct sp_option *option, int *value,
	const char *argument, struct sp_error *error)
{
	char known[256] = "";
	size_t used = 0;

	for (int i = 0; option->choices[i]; i++) {
		if (strcmp(option->choices[i], argument) == 0) {
			*value = i;
			return SP_OK;
		}
		used += (size_t)snprintf(known + used, sizeof(known) - used,
			"%s%s", i ? ", " : "", option->choices[i]);
		assert(used < sizeof(known));
	}
	return sp_error(error, SP_CONFIG, "--%s: unknown '%s'; choose from %s",
		option->name, argument, known);
}

static enum sp_status set(const struct sp_option *option, void *target,
	const char *argument, struct sp_error *error)
{
	void *value = (char *)target + option->offset;
	char what[64];

	switch (option->kind) {
	case SP_OPTION_ON:
	case SP_OPTION_OFF:
		*(bool *)value = option->kind == SP_OPTION_ON;
		return SP_OK;
	case SP_OPTION_TEXT:
		*(const char **)value = argument;
		return SP_OK;
	case SP_OPTION_NUMBER:
		snprintf(what, sizeof(what), "--%s", option->name);
		return sp_options_number(
			what, argument, option->min, option->max, value, error);
	case SP_OPTION_CHOICE:
		return set_choice(option, value, argument, error);
	case SP_OPTION_CALL:
		return option->call(target, argument, error);
	}
	assert(!"option kind");
	return SP_CONFIG;
}

/* The word of argv that held the option getopt_long() just returned. */
static const char *given_word(char **argv)
{
	if (optarg && optarg == argv[optind - 1])
		return argv[optind - 2];
	return argv[optind - 1];
}

enum sp_status sp_options_parse(const struct sp_option_group *groups,
	size_t group_count, int argc, char **argv, int *first_operand,
	struct sp_error *error)
{
	struct table table;
	int answer;

	table_init(&table, groups, group_count);
	opterr = 0;
	optind = 0; /* glibc: begin anew */
	while ((answer = getopt_long(
			argc, argv, table.letters, table.longs, NULL)) != -1) {
		enum sp_status status;
		size_t i;

		if (answer == '?' || answer == ':')
			return explain(&table, answer, argv[0],
				argv[optind - 1], error);
		i = table_find(&table, answer);
		assert(i < table.count);
		if (answer >= LONG_BASE) {
			const char *given = given_word(argv) + 2;

			if (!sp_span_is(sp_span(given, strcspn(given, "=")),
				    table.options[i]->name))
				return unknown_long(
					&table, argv[0], given - 2, error);
		}
		status = set(table.options[i], table.targets[i], optarg, error);
		if (status != SP_OK)
			return status;
	}
	*first_operand = optind;
	return SP_OK;
}

void sp_options_words(struct sp_buffer *out,
	const struct sp_option_group *groups, size_t group_count, int argc,
	char **argv)
{
	struct table table;
	int answer;

	table_init(&table, groups, group_count);
	optind = 0;
	while ((answer = getopt_long(
			argc, argv, table.letters, table.longs, NULL)) != -1) {
		size_t i = table_find(&table, answer);

		assert(i < table.count);
		if (!table.options[i]->aside)
			sp_buffer_add_format(out, "option --%s%s%s\n",
				table.options[i]->name, optarg ? "=" : "",
				optarg ? optarg : "");
	}
}

#define HELP_COLUMN 28
#define HELP_WIDTH 79

/* Prints words from column on, broken before the right margin. */
static void print_wrapped(FILE *out, const char *text)
{
	int column = HELP_COLUMN;

	while (*text) {
		int size = (int)strcspn(text, " ");

		if (column > HELP_COLUMN && column + 1 + size > HELP_WIDTH) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		if (column > HELP_COLUMN) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", size, text);
		column += size;
		text += size;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_option(FILE *out, const struct sp_option *option)
{
	char name[80];
	char letter[] = "  ";
	int size;

	if (option->letter) {
		letter[0] = '-';
		letter[1] = option->letter;
	}
	size = snprintf(name, sizeof(name), "  %s%c --%s%s%s", letter,
		option->letter ? ',' : ' ', option->name,
		option->argument ? " " : "",
		option->argument ? option->argument : "");
	if (size < HELP_COLUMN - 1)
		fprintf(out, "%-*s", HELP_COLUMN, name);
	else
		fprintf(out, "%s\n%*s", name, HELP_COLUMN, "");
	print_wrapped(out, option->help);
}

void sp_options_print(
	FILE *out, const struct sp_option_group *groups, size_t group_count)
{
	for (size_t g = 0; g < group_count; g++) {
		if (groups[g].heading)
			fprintf(out, "%s%s:\n", g ? "\n" : "",
				groups[g].heading);
		for (const struct sp_option *option = groups[g].options;
			option->name; option++)
			print_option(out, option);
	}
}
