/* SPDX-License-Identifier: Apache-2.0 */
/* Records for people: a paragraph per message, or one line. */
#include "cli/report.h"

#include <string.h>

/* "PATH" or "PATH:message N"; the form of errors (DESIGN, command line). */
static void add_place(struct sp_buffer *out, const struct sp_mail *mail)
{
	sp_text_add(out, mail->path);
	if (mail->form == SP_MAIL_MBOX)
		sp_buffer_add_format(
			out, ":message %llu", (unsigned long long)mail->index);
}

static void add_labelled(
	struct sp_buffer *out, const char *label, struct sp_span value)
{
	if (value.size == 0)
		return;
	sp_buffer_add_str(out, label);
	sp_text_add(out, value);
}

/* "pass ok", or "temperror unreadable (Permission denied)". */
static void add_outcome(
	struct sp_buffer *out, const struct sp_record *record, bool signing)
{
	char words[128];

	sp_buffer_add_format(out, ": %s", sp_record_result(record, signing));
	if (sp_record_failed(record))
		sp_buffer_add_format(
			out, " %s", sp_reason_name(sp_record_reason(record)));
	if (record->mail->trouble)
		sp_buffer_add_format(out, " (%s)",
			strerror_r(
				record->mail->trouble, words, sizeof(words)));
	if (record->copied)
		sp_buffer_add_str(out, " (copied as it was)");
}

static void add_partial(struct sp_buffer *out, const struct sp_result *result)
{
	if (sp_result_partial(result))
		sp_buffer_add_format(out,
			" warning: l= covers %llu of %llu octets of the body",
			(unsigned long long)result->body_length,
			(unsigned long long)result->body_total);
}

/* Who signed, and how. */
static void add_signer(struct sp_buffer *out, const struct sp_result *result)
{
	add_labelled(out, " d=", result->domain);
	add_labelled(out, " s=", result->selector);
	if (result->algorithm != SP_ALGORITHM_UNKNOWN)
		sp_buffer_add_format(
			out, " a=%s", sp_algorithm_name(result->algorithm));
}

static void add_details(struct sp_buffer *out, const struct sp_result *result)
{
	add_labelled(out, " i=", result->identity);
	if (result->reason != SP_REASON_CANON)
		sp_buffer_add_format(out, " c=%s",
			sp_canon_name(
				result->header_canon, result->body_canon));
	if (result->key_bits)
		sp_buffer_add_format(out, " key=%u-bits", result->key_bits);
	if (result->key_testing)
		sp_buffer_add_str(out, " key-testing");
	if (result->key_first_seen != SP_TIME_NONE)
		sp_buffer_add_format(out, " key-seen=%lld-%lld",
			(long long)result->key_first_seen,
			(long long)result->key_last_seen);
	if (result->timestamp != SP_TIME_NONE)
		sp_buffer_add_format(
			out, " t=%lld", (long long)result->timestamp);
	if (result->future)
		sp_buffer_add_str(out, " (in the future)");
	if (result->expiration != SP_TIME_NONE)
		sp_buffer_add_format(
			out, " x=%lld", (long long)result->expiration);
	sp_buffer_add_format(out, " body=%s aligned=%s",
		sp_body_hash_name(result->body_hash),
		sp_alignment_name(result->alignment));
	if (result->legacy)
		sp_buffer_add_format(out, " legacy=%s/%s",
			sp_verdict_name(result->legacy_verdict),
			sp_reason_name(result->legacy_reason));
}

static void add_paragraph(
	struct sp_buffer *out, const struct sp_record *record, bool signing)
{
	const struct sp_verify *verify = record->verify;
	const struct sp_sign *sign =
		record->reason == SP_REASON_OK ? record->sign : NULL;

	add_place(out, record->mail);
	add_outcome(out, record, signing);
	if (verify) {
		add_labelled(out, " from=", verify->from_domain);
		add_labelled(out, " id=", verify->message_id);
	}
	sp_buffer_add_char(out, '\n');
	for (size_t i = 0; verify && i < verify->count; i++) {
		const struct sp_result *result = &verify->results[i];

		sp_buffer_add_format(out, "    %s %s",
			sp_verdict_name(result->verdict),
			sp_reason_name(result->reason));
		add_signer(out, result);
		add_details(out, result);
		add_partial(out, result);
		sp_buffer_add_char(out, '\n');
	}
	for (size_t i = 0; sign && i < sign->item_count; i++) {
		const struct sp_sign_item *item = &sign->items[i];

		sp_buffer_add_str(out, "   ");
		add_labelled(out, " d=", item->key->domain);
		add_labelled(out, " s=", item->key->selector);
		sp_buffer_add_format(out, " a=%s, %zu bytes\n",
			sp_algorithm_name(item->algorithm), item->field_bytes);
	}
}

/*
 * "PATH: fail body-hash-mismatch", then what each signature says: it is one
 * line however many there are.
 */
static void add_line(
	struct sp_buffer *out, const struct sp_record *record, bool signing)
{
	const struct sp_verify *verify = record->verify;

	add_place(out, record->mail);
	add_outcome(out, record, signing);
	for (size_t i = 0; verify && i < verify->count; i++) {
		const struct sp_result *result = &verify->results[i];

		sp_buffer_add_str(out, i ? "; " : " (");
		sp_buffer_add_format(out, "%s %s",
			sp_verdict_name(result->verdict),
			sp_reason_name(result->reason));
		add_signer(out, result);
		add_partial(out, result);
	}
	if (verify && verify->count)
		sp_buffer_add_char(out, ')');
	sp_buffer_add_char(out, '\n');
}

static void add_notice(
	struct sp_buffer *out, const struct sp_record *record, bool signing)
{
	sp_buffer_add_str(out, "sealpress: ");
	add_line(out, record, signing);
}

const struct sp_report_format sp_report_text = {
	.name = "text",
	.record = add_paragraph,
};

const struct sp_report_format sp_report_line = {
	.name = "line",
	.record = add_line,
};

const struct sp_report_format sp_report_notice = {
	.name = "notice",
	.record = add_notice,
};
