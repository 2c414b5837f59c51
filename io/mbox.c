/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting an mbox into messages (mbox(5), RFC 4155 appendix A). */
#include "io/mbox.h"

#include <assert.h>
#include <time.h>

/* Is there an empty line right above the line that begins at offset at? */
static bool below_empty_line(struct sp_span bytes, size_t at, bool at_start)
{
	const char *end = bytes.data + at;

	if (at == 0 || end[-1] != '\n')
		return at == 0 && at_start;
	if (at >= 2 && end[-2] == '\n')
		return true;
	if (at >= 2 && end[-2] == '\r')
		return at >= 3 ? end[-3] == '\n' : at_start;
	return at == 1 && at_start;
}

size_t sp_mbox_find_noting(
	struct sp_span bytes, size_t from, bool at_start, bool *quoted)
{
	size_t at = sp_mark_find(bytes, from);

	while (at < bytes.size && !below_empty_line(bytes, at, at_start)) {
		*quoted |= at > 0 && bytes.data[at - 1] == '>';
		at = sp_mark_find(bytes, at + SP_MARK_BYTES);
	}
	return at;
}

size_t sp_mbox_find(struct sp_span bytes, size_t from, bool at_start)
{
	bool quoted = false;

	return sp_mbox_find_noting(bytes, from, at_start, &quoted);
}

size_t sp_mbox_from_size(struct sp_span bytes)
{
	size_t end;

	if (bytes.size > SP_MBOX_FROM_BYTES_MAX)
		bytes.size = SP_MBOX_FROM_BYTES_MAX;
	end = sp_span_find(bytes, '\n');
	return end < bytes.size ? end + 1 : bytes.size;
}

size_t sp_mbox_tail_size(struct sp_span bytes)
{
	size_t line = 1;

	if (!bytes.size || bytes.data[bytes.size - 1] != '\n')
		return 0;
	if (bytes.size >= 2 && bytes.data[bytes.size - 2] == '\r')
		line = 2;
	if (bytes.size == line || bytes.data[bytes.size - line - 1] == '\n')
		return line;
	return 0;
}

size_t sp_mbox_body_offset(struct sp_span bytes)
{
	struct sp_span rest = bytes;

	while (rest.size) {
		size_t end = sp_span_find(rest, '\n');

		if (end == 0 || (end == 1 && rest.data[0] == '\r'))
			if (end < rest.size)
				return bytes.size - rest.size + end + 1;
		if (end == rest.size)
			break;
		rest = sp_span_after(rest, end + 1);
	}
	return bytes.size;
}

/* Digits only; no more than what a file can hold. */
static bool parse_length(struct sp_span text, uint64_t *length)
{
	uint64_t value = 0;

	if (text.size == 0 || text.size > 18)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (!sp_is_digit(text.data[i]))
			return false;
		value = 10 * value + (uint64_t)(text.data[i] - '0');
	}
	*length = value;
	return true;
}

bool sp_mbox_content_length(struct sp_span header, uint64_t *length)
{
	static const char name[] = "Content-Length";

	while (header.data) {
		struct sp_span value = sp_span_split(&header, '\n');
		bool folded = value.size && sp_is_wsp(value.data[0]);
		struct sp_span field = sp_span_split(&value, ':');

		if (value.data && !folded &&
			sp_span_is_nocase(sp_span_trim(field), name))
			return parse_length(sp_span_trim(value), length);
	}
	return false;
}

/*
 * What stands behind a message that Content-Length cuts: what the length
 * leaves, if that is a line end or nothing, whatever the body ends with.
 */
static size_t tail_by_length(struct sp_span message)
{
	size_t body = sp_mbox_body_offset(message);
	size_t size = message.size - body;
	struct sp_span rest;
	uint64_t length;

	if (!sp_mbox_content_length(sp_span(message.data, body), &length) ||
		length > size)
		return sp_mbox_tail_size(message);
	rest = sp_span_after(message, body + (size_t)length);
	if (!rest.size || sp_span_is(rest, "\n") || sp_span_is(rest, "\r\n"))
		return rest.size;
	return sp_mbox_tail_size(message);
}

struct sp_span sp_mbox_sender(struct sp_span from_line)
{
	struct sp_span rest = sp_span_after(from_line, SP_MBOX_MARK_BYTES);
	struct sp_span sender;
	size_t size = 0;

	while (rest.size && sp_is_wsp(rest.data[0]))
		rest = sp_span_after(rest, 1);
	while (size < rest.size && !sp_is_fws(rest.data[size]))
		size++;
	sender = sp_span(rest.data, size);
	if (sp_span_is(sender, "MAILER-DAEMON") || sp_span_is(sender, "-"))
		sender.size = 0;
	return sender;
}

/* mail->bytes: stored, or its unquoted copy. */
static enum sp_status unquote_message(
	struct sp_mail *mail, struct sp_arena *arena)
{
	struct sp_span stored = mail->stored;
	size_t at;
	struct sp_span body;
	unsigned state = 0;
	char *copy;
	size_t size;

	mail->bytes = stored;
	if (!sp_mbox_is_quoted(mail->mbox_kind, stored))
		return SP_OK;
	at = sp_mbox_body_offset(stored);
	body = sp_span_after(stored, at);
	if (!sp_mbox_is_quoted(mail->mbox_kind, body))
		return SP_OK;
	copy = sp_arena_alloc(arena, stored.size + SP_MBOX_HELD_MAX, 1);
	if (!copy)
		return SP_NO_MEMORY;
	memcpy(copy, stored.data, at);
	size = at + sp_mbox_unquote(mail->mbox_kind, &state, copy + at, body);
	size += sp_mbox_unquote_end(&state, copy + size);
	mail->bytes = sp_span(copy, size);
	return SP_OK;
}

enum sp_status sp_mbox_cut(struct sp_mail *mail, struct sp_arena *arena,
	struct sp_span bytes, uint64_t base, enum sp_mbox_kind kind,
	bool quoted)
{
	size_t from_size = sp_mbox_from_size(bytes);
	struct sp_span message = sp_span_after(bytes, from_size);
	size_t tail = sp_mbox_has_length(kind) ? tail_by_length(message)
					       : sp_mbox_tail_size(message);

	assert(sp_span_starts(bytes, SP_MARK));
	mail->form = SP_MAIL_MBOX;
	mail->mbox_kind = kind;
	mail->offset = base + from_size;
	mail->from_line = sp_span(bytes.data, from_size);
	mail->stored = sp_span(message.data, message.size - tail);
	mail->tail = sp_span_after(message, message.size - tail);
	mail->bytes_total = mail->stored.size;
	mail->envelope.mail_from = sp_mbox_sender(mail->from_line);
	if (quoted)
		return unquote_message(mail, arena);
	mail->bytes = mail->stored;
	return SP_OK;
}

/* One word: what would end it, or a line, becomes "-" (mbox(5)). */
static void add_sender(struct sp_buffer *out, struct sp_span sender)
{
	for (size_t i = 0; i < sender.size; i++) {
		unsigned char c = (unsigned char)sender.data[i];

		sp_buffer_add_char(out, c <= ' ' || c == 0x7f ? '-' : (char)c);
	}
}

void sp_mbox_from_line(struct sp_buffer *out, const struct sp_mail *mail,
	int64_t time, bool crlf)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct sp_span sender = mail->envelope.mail_from;
	time_t when = (time_t)time;
	struct tm tm = {.tm_mday = 1, .tm_wday = 4, .tm_year = 70};

	gmtime_r(&when, &tm);
	sp_buffer_add_str(out, SP_MARK);
	if (sender.size)
		add_sender(out, sender);
	else
		sp_buffer_add_str(out, "MAILER-DAEMON");
	sp_buffer_add_format(out, " %.3s %.3s %2d %02d:%02d:%02d %d%s",
		days + 3 * tm.tm_wday, months + 3 * tm.tm_mon, tm.tm_mday,
		tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_year + 1900,
		crlf ? "\r\n" : "\n");
}
