/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged and malicious messages. */
#include "corpus/attack.h"

#include "corpus/hostile.h"
#include "corpus/lines.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))
#define ATTACK_STREAM 0x68 /* of random numbers: others than the archive's */
#define MUTATIONS_MAX 8u
#define BODY_BYTES_MAX (64u << 10)
#define LARGE_BYTES (2500u << 10) /* more than is held in memory */
#define FIELDS_LARGE 12000u /* more than there may be */
#define SIGNATURES_MAX 40u

#define GOOD_HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

/* Values of DKIM-Signature, each wrong or odd in its own way. */
static const char *const signatures[] = {"", ";", ";;;;", "v", "v=", "=", "v=1",
	"v=1;",
	"v=2; a=rsa-sha256; d=example.com; s=s2013; h=from; bh=" GOOD_HASH
	"; b=AAAA",
	"v=1; v=1; a=rsa-sha256; d=example.com; s=s2013; h=from; bh=" GOOD_HASH
	"; b=AAAA",
	"v=1; a=rsa-sha256; d=example.com; s=s2013; h=from; bh=" GOOD_HASH
	"; b=A===",
	"v=1; a=rsa-sha256; d=example.com; s=s2013; h=from; bh=AAAA; b=AAAA",
	"v=1; a=rsa-sha256; d=example.com; s=s2013; h=:::; bh=" GOOD_HASH
	"; b=",
	"v=1; a=ed25519-sha256; d=example.com; s=ed25519.2019; h=from; "
	"bh=" GOOD_HASH "; b=AAAA",
	"v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s2013; h=From; "
	"l=18446744073709551616; bh=" GOOD_HASH "; b=AAAA",
	"v=1; a=rsa-sha256; c=simple/relaxed; d=example.com; s=s2013; h=From; "
	"l=0; t=99999999999999999999; x=1; bh=" GOOD_HASH "; b=AAAA",
	"v=1; a=rsa-sha256; c=relaxed/relaxed/relaxed; d=example.com; s=s2013; "
	"h=From; bh=" GOOD_HASH "; b=AAAA",
	"v=1; a=rsa-sha256; d=example.com; s=s2013; "
	"i==FF=00=0D=0A@example.com; "
	"h=from; bh=" GOOD_HASH "; b=AAAA",
	"v=1; a=rsa-sha256; d=..; s=..; h=from; bh=" GOOD_HASH "; b=AAAA",
	"v=1; a=rsa-sha256; d=example.com; s=\xff\xfe; h=from; bh=" GOOD_HASH
	"; b=AAAA",
	"v=1; a=rsa-sha256; d=example.com; s=s2013; h=from:dkim-signature:"
	"dkim-signature; bh=" GOOD_HASH "; b=AAAA; z=From:=|=|",
	"v=1;\n a=rsa-sha256;\n\t\n d=example.com; s=s2013; h=from; b=AAAA"};

/* Header blocks, before whatever signatures and body. */
static const char *const headers[] = {"From: a@example.com\n",
	"From: a@example.com\nFrom: b@example.com\n", "Subject: no sender\n",
	"From : a@example.com\nno colon here\n: no name\n",
	"From: \"(\\\" <a@b>\" <a@example.com> (((((\n", "From:\n\n",
	" begins with a blank\nFrom: a@example.com\n",
	"From: a@example.com\r\nSubject: one\nSubject: two\r\n",
	"From: =?utf-8?q?=00?= <a@\xc3\xa9xample.com>\n",
	"From: a@example.com\n \n\t\n\t \nTo: b@example.com\n"};

static const struct sp_span pieces[] = {{"\r\n", 2}, {"\n", 1}, {"\r", 1},
	{"\n\n", 2}, {"\0", 1}, {"From ", 5}, {":", 1}, {";", 1}, {"=", 1},
	{" ", 1}, {"\n\t", 2}, {"\xff", 1}, {"DKIM-Signature: ", 16},
	{"l=1;", 4}, {"b=", 2}};

static struct sp_span draw_piece(struct random *random)
{
	return pieces[random_below(random, COUNT(pieces))];
}

/* Copies message with a few changes. */
static void damage(
	struct random *random, struct sp_span message, struct sp_buffer *out)
{
	for (uint32_t left = 1 + random_below(random, MUTATIONS_MAX); left;
		left--) {
		/* Most of what can go wrong stands at the beginning. */
		uint32_t part =
			(uint32_t)message.size / (left > 2 ? 8 : 1) / left;
		size_t at = random_below(random, part + 1);
		size_t size = random_below(random, 64);

		sp_buffer_add(out, sp_span(message.data, at));
		message = sp_span_after(message, at);
		size = size < message.size ? size : message.size;
		switch (random_below(random, 4)) {
		case 0:
			sp_buffer_add(out, draw_piece(random));
			break;
		case 1: /* the same twice */
			sp_buffer_add(out, sp_span(message.data, size));
			break;
		case 2:
			if (message.size > 0)
				sp_buffer_add_char(
					out, (char)(*message.data ^
						     (1 << random_below(
							      random, 8))));
			message = sp_span_after(message, message.size > 0);
			break;
		default:
			message = sp_span_after(message, size);
		}
	}
	if (!random_chance(random, 10))
		sp_buffer_add(out, message);
}

static void add_body(struct random *random, struct sp_buffer *out)
{
	size_t which = random_below(random, HOSTILE_BODIES);

	hostile_add(out, which, random_below(random, BODY_BYTES_MAX));
}

static void add_signatures(
	struct random *random, const char *newline, struct sp_buffer *out)
{
	uint32_t left = random_chance(random, 20)
				? random_below(random, SIGNATURES_MAX)
				: 1;

	for (; left > 0; left--)
		lines_add(out, newline, "DKIM-Signature: %s\n",
			signatures[random_below(random, COUNT(signatures))]);
}

/* Header blocks and bodies larger than what there is memory for. */
static void add_large(
	struct random *random, const char *newline, struct sp_buffer *out)
{
	uint32_t kind = random_below(random, 4);
	size_t end = out->size + LARGE_BYTES;

	add_signatures(random, newline, out);
	lines_add(out, newline, "From: a@example.com\n");
	if (kind == 0)
		for (uint32_t i = 0; i < FIELDS_LARGE; i++)
			lines_add(out, newline, "X-%u: %u\n", i, i);
	if (kind == 1)
		while (out->size < end)
			sp_buffer_add_char(out, 'x');
	lines_add(out, newline, "\n");
	if (kind > 1)
		hostile_add(
			out, random_below(random, HOSTILE_BODIES), LARGE_BYTES);
}

static void add_noise(struct random *random, struct sp_buffer *out)
{
	uint32_t left = random_below(random, 2000);

	for (; left > 0; left--)
		if (random_chance(random, 20))
			sp_buffer_add(out, draw_piece(random));
		else
			sp_buffer_add_char(out, (char)random_next(random));
}

void attack_add(struct archive *archive, uint64_t index, struct sp_buffer *out,
	struct sp_buffer *scratch, struct sp_buffer *truth)
{
	struct random random =
		random_stream(archive->options.seed ^ ATTACK_STREAM, index);
	const char *newline = archive->options.newline;
	uint32_t percent = random_below(&random, 100);
	size_t start = out->size;

	if (percent < 60) {
		sp_buffer_clear(scratch);
		sp_buffer_clear(truth);
		archive_add(archive, index, scratch, truth);
		damage(&random, sp_buffer_span(scratch), out);
	} else if (percent < 98) {
		add_signatures(&random, newline, out);
		lines_add(out, newline, "%s\n",
			headers[random_below(&random, COUNT(headers))]);
		add_body(&random, out);
	} else if (percent < 99) {
		add_large(&random, newline, out);
	} else {
		add_noise(&random, out);
	}
	/* Nobody may take one message for an mbox of several. */
	if (out->size > start && out->data[start] == 'F')
		out->data[start] = 'f';
}
