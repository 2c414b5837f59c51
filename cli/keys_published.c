/* SPDX-License-Identifier: Apache-2.0 */
/* Is the right key published under a name (RFC 6376 3.6.2)? */
#include "cli/keys_check.h"

void sp_keys_print_findings(
	struct sp_buffer *out, struct sp_span name, unsigned findings)
{
	for (unsigned i = 0; i < SP_KEYCHECK_COUNT; i++) {
		if (!(findings & (1u << i)))
			continue;
		sp_text_add(out, name);
		sp_buffer_add_format(out, ": %s: %s\n", sp_keycheck_word(i),
			sp_keycheck_words(i));
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

static unsigned answer_findings(
	const struct sp_answer *answer, const struct sp_pkey *key)
{
	if (answer->status == SP_ANSWER_SERVFAIL ||
		answer->status == SP_ANSWER_TIMEOUT)
		return SP_KEYCHECK_UNANSWERED;
	if (answer->status != SP_ANSWER_FOUND)
		return SP_KEYCHECK_MISSING;
	return sp_keycheck_values(answer->values, count_current(answer), key);
}

/* What a zone file with relative names makes of "name." in its zone. */
static enum sp_status find_doubled(struct sp_key_files *files,
	struct sp_span name, struct sp_arena *arena, struct sp_buffer *out,
	struct sp_error *error)
{
	static const char middle[] = "._domainkey.";
	const char *at =
		memmem(name.data, name.size, middle, sizeof(middle) - 1);
	char text[2 * SP_DOMAIN_BYTES_MAX + 2];
	struct sp_span doubled;
	struct sp_answer answer;
	enum sp_status status;

	if (!at)
		return SP_OK;
	at += sizeof(middle) - 1;
	snprintf(text, sizeof(text), "%.*s.%s", SP_SPAN_ARGS(name), at);
	doubled = sp_span_str(text);
	status = sp_key_files_ask(files, &doubled, 1, &answer, arena, error);
	if (status == SP_OK && answer.status == SP_ANSWER_FOUND)
		sp_buffer_add_format(out,
			"%s: is published, with the domain twice; end the name "
			"in the zone with a dot\n",
			text);
	return status;
}

enum sp_status sp_keys_check_name(struct sp_key_files *files, const char *name,
	const struct sp_pkey *key, bool *good, struct sp_error *error)
{
	struct sp_span span = sp_span_str(name);
	struct sp_buffer out = {.data = NULL};
	struct sp_arena arena = {0};
	struct sp_answer answer;
	unsigned findings = 0;
	enum sp_status status =
		sp_key_files_ask(files, &span, 1, &answer, &arena, error);

	if (status == SP_OK) {
		findings = answer_findings(&answer, key);
		*good = !sp_keycheck_has_fault(findings);
		sp_keys_print_findings(&out, span, findings);
	}
	if (status == SP_OK && findings == SP_KEYCHECK_MISSING)
		status = find_doubled(files, span, &arena, &out, error);
	if (status == SP_OK && *good)
		sp_buffer_add_format(&out, "%s: ok: %s\n", name,
			key ? "the public half of this key is published"
			    : "a usable key is published");
	if (status == SP_OK)
		status = sp_keys_put_out(&out, error);
	sp_buffer_free(&out);
	sp_arena_free(&arena);
	return status;
}
