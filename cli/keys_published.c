/* SPDX-License-Identifier: Apache-2.0 */
/* Is the right key published under a name (RFC 6376 3.6.2)? */
#include "cli/keys_check.h"

#include "cli/json.h"

static void print_json(
	struct sp_buffer *out, const struct sp_keys_finding *finding)
{
	const struct sp_harvest_name *use = finding->use;

	sp_buffer_add_str(out, "{\"name\":");
	sp_json_string(out, finding->name);
	sp_buffer_add_format(out, ",\"finding\":\"%s\",\"fault\":%s",
		finding->word, finding->fault ? "true" : "false");
	sp_buffer_add_str(out, ",\"words\":");
	sp_json_string(out, sp_span_str(finding->words));
	if (use) {
		sp_buffer_add_format(out, ",\"signatures\":%llu",
			(unsigned long long)use->signatures);
		sp_buffer_add_str(out, ",\"first_used\":");
		sp_json_time(out, use->first_used);
		sp_buffer_add_str(out, ",\"last_used\":");
		sp_json_time(out, use->last_used);
	}
	sp_buffer_add_str(out, "}\n");
}

void sp_keys_print_finding(struct sp_buffer *out, enum sp_keys_check_form form,
	const struct sp_keys_finding *finding)
{
	char first[SP_KEYS_DATE_BYTES], last[SP_KEYS_DATE_BYTES];

	if (form == SP_KEYS_CHECK_NDJSON) {
		print_json(out, finding);
		return;
	}
	sp_text_add(out, finding->name);
	sp_buffer_add_format(out, ": %s: ", finding->word);
	if (!finding->use) {
		sp_buffer_add_format(out, "%s\n", finding->words);
		return;
	}
	sp_keys_date(first, finding->use->first_used);
	sp_keys_date(last, finding->use->last_used);
	sp_buffer_add_format(out, "no key for %llu signature%s from %s to %s\n",
		(unsigned long long)finding->use->signatures,
		sp_plural(finding->use->signatures), first, last);
}

void sp_keys_print_findings(struct sp_buffer *out, enum sp_keys_check_form form,
	struct sp_span name, unsigned findings)
{
	for (unsigned i = 0; i < SP_KEYCHECK_COUNT; i++) {
		const struct sp_keys_finding finding = {
			.name = name,
			.word = sp_keycheck_word(i),
			.fault = sp_keycheck_is_fault(i),
			.words = sp_keycheck_words(i),
		};

		if (findings & (1u << i))
			sp_keys_print_finding(out, form, &finding);
	}
}

/* Of an archive, with values of many years: those that were seen last. */
static size_t count_current(const struct sp_answer *answer)
{
	size_t count = 0;

	while (count < answer->count &&
		(!answer->seen ||
			answer->seen[count].last == answer->seen[0].last))
		count++;
	return count;
}

static enum sp_status answer_findings(const struct sp_answer *answer,
	const struct sp_pkey *key, unsigned *findings, struct sp_error *error)
{
	enum sp_status status = SP_OK;

	*findings = SP_KEYCHECK_MISSING;
	if (answer->status == SP_ANSWER_SERVFAIL ||
		answer->status == SP_ANSWER_TIMEOUT)
		*findings = SP_KEYCHECK_UNANSWERED;
	else if (answer->status == SP_ANSWER_FOUND)
		status = sp_keycheck_values(
			answer->values, count_current(answer), key, findings);
	if (status)
		sp_error(error, status, "%s", sp_status_name(status));
	return status;
}

/* What a zone file with relative names makes of "name." in its zone. */
static enum sp_status find_doubled(struct sp_key_files *files,
	struct sp_span name, struct sp_arena *arena,
	enum sp_keys_check_form form, struct sp_buffer *out,
	struct sp_error *error)
{
	struct sp_keys_finding finding = {
		.word = "doubled",
		.fault = true,
		.words = "is published, with the domain twice; end the name "
			 "in the zone with a dot",
	};
	static const char middle[] = "._domainkey.";
	const char *at =
		memmem(name.data, name.size, middle, sizeof(middle) - 1);
	char text[2 * SP_DOMAIN_BYTES_MAX + 2];
	struct sp_answer answer;
	enum sp_status status;

	if (!at)
		return SP_OK;
	at += sizeof(middle) - 1;
	snprintf(text, sizeof(text), "%.*s.%s", SP_SPAN_ARGS(name), at);
	finding.name = sp_span_str(text);
	status = sp_key_files_ask(
		files, &finding.name, 1, &answer, arena, error);
	if (status == SP_OK && answer.status == SP_ANSWER_FOUND)
		sp_keys_print_finding(out, form, &finding);
	return status;
}

enum sp_status sp_keys_check_name(struct sp_key_files *files, const char *name,
	const struct sp_pkey *key, enum sp_keys_check_form form, bool *good,
	struct sp_error *error)
{
	const struct sp_keys_finding fine = {
		.name = sp_span_str(name),
		.word = "ok",
		.words = key ? "the public half of this key is published"
			     : "a usable key is published",
	};
	struct sp_span span = sp_span_str(name);
	struct sp_buffer out = {.data = NULL};
	struct sp_arena arena = {0};
	struct sp_answer answer;
	unsigned findings = 0;
	enum sp_status status =
		sp_key_files_ask(files, &span, 1, &answer, &arena, error);

	if (status == SP_OK)
		status = answer_findings(&answer, key, &findings, error);
	if (status == SP_OK) {
		*good = !sp_keycheck_has_fault(findings);
		sp_keys_print_findings(&out, form, span, findings);
	}
	if (status == SP_OK && findings == SP_KEYCHECK_MISSING)
		status = find_doubled(files, span, &arena, form, &out, error);
	if (status == SP_OK && *good)
		sp_keys_print_finding(&out, form, &fine);
	if (status == SP_OK)
		status = sp_keys_put_out(&out, error);
	sp_buffer_free(&out);
	sp_arena_free(&arena);
	return status;
}
