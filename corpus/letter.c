/* SPDX-License-Identifier: Apache-2.0 */
/* What people write to each other: fields, text, parts, attachments. */
#include "corpus/letter.h"

#include <inttypes.h>
#include <time.h>

#include "corpus/lines.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))
#define BASE64_COLUMNS 76u
#define TEXT_BYTES_MAX 20000u /* people do not write more by hand */

static const char *const people[] = {"Anna", "Ben", "Clara", "David", "Emma",
	"Felix", "Greta", "Hugo", "Ida", "Jonas", "Karla", "Leo"};
/* Minutes east of Greenwich, and how a Date field says it. */
static const struct zone {
	int minutes;
	const char *text;
} zones[] = {{0, "+0000"}, {0, "GMT"}, {60, "+0100"}, {120, "+0200 (CEST)"},
	{-300, "-0500"}, {-480, "-0800 (PST)"}, {330, "+0530"}};

static void add_date(const struct letter *letter, struct random *random,
	struct sp_buffer *out)
{
	const struct zone *zone = &zones[random_below(random, COUNT(zones))];
	time_t local = (time_t)(letter->time + zone->minutes * INT64_C(60));
	char date[64];
	struct tm tm;

	gmtime_r(&local, &tm);
	strftime(date, sizeof(date),
		random_chance(random, 80) ? "%a, %d %b %Y %H:%M:%S"
					  : "%e %b %Y %H:%M:%S",
		&tm);
	lines_add(out, letter->newline, "Date: %s %s\n", date, zone->text);
}

/* One by one: the order in which arguments are made is the compiler's. */
static void draw_words(const char *words[3], struct random *random)
{
	for (unsigned i = 0; i < 3; i++)
		words[i] = blocks_word(random);
}

/* Blanks at the ends of lines and folding differ, as canonicalization has to
 * cope with. */
static void add_fields(const struct letter *letter, struct random *random,
	struct sp_buffer *out)
{
	const char *newline = letter->newline;
	const char *from = people[random_below(random, COUNT(people))];
	const char *to = people[random_below(random, COUNT(people))];
	const char *words[3];

	draw_words(words, random);
	lines_add(out, newline, "From: %s <%s@%s>\n", from, from, letter->from);
	lines_add(out, newline,
		random_chance(random, 30) ? "To: %s  <%s@example.net>,\n\t%s\n"
					  : "To: %s <%s@example.net>, %s\n",
		to, to, "all@example.net");
	lines_add(out, newline,
		random_chance(random, 20) ? "Subject: %s  %s \n %s \n"
					  : "Subject: %s %s %s\n",
		words[0], words[1], words[2]);
	add_date(letter, random, out);
	lines_add(out, newline, "Message-ID: <%016" PRIx64 "@%s>\n", letter->id,
		letter->from);
	if (random_chance(random, 40)) {
		uint64_t id = random_next(random);

		lines_add(out, newline,
			"In-Reply-To: <%016" PRIx64 "@example.net>\n"
			"References: <%016" PRIx64 "@example.org>\n\t"
			"<%016" PRIx64 "@example.net>\n",
			id, ~id, id);
	}
	lines_add(out, newline, "MIME-Version: 1.0\n");
}

static void add_part_fields(const struct letter *letter, const char *type,
	const char *encoding, struct sp_buffer *out)
{
	lines_add(out, letter->newline,
		"Content-Type: %s\nContent-Transfer-Encoding: %s\n\n", type,
		encoding);
}

/* Paragraphs, answers with ">" and what mboxes have to quote. */
static void add_text(const struct letter *letter, enum encoding encoding,
	size_t bytes, struct random *random, struct sp_buffer *out)
{
	const char *newline = letter->newline;
	size_t end =
		out->size + (bytes < TEXT_BYTES_MAX ? bytes : TEXT_BYTES_MAX);
	const char *words[3];

	draw_words(words, random);
	if (random_chance(random, 30))
		lines_add(out, newline, "> %s %s?\n>\n>> %s\n\n", words[0],
			words[1], words[2]);
	do {
		blocks_add_text(letter->blocks, random, encoding, end, out);
		if (random_chance(random, 3))
			lines_add(out, newline, "From %s to %s.\n>From here\n",
				words[1], words[2]);
	} while (out->size < end);
	if (random_chance(random, 30))
		lines_add(out, newline, "-- \n%s\t%s  \n", words[2], words[0]);
	if (random_chance(random, 10))
		lines_add(out, newline, "\n \n\n");
}

static void add_html(const struct letter *letter, enum encoding encoding,
	size_t bytes, struct random *random, struct sp_buffer *out)
{
	const struct blocks *blocks = letter->blocks;
	size_t end = out->size + bytes;

	block_add(&blocks->frame.head, encoding, out);
	do
		blocks_add_row(blocks, random, encoding, end, out);
	while (out->size < end);
	block_add(&blocks->frame.tail, encoding, out);
}

static void add_base64(const struct letter *letter, size_t bytes,
	struct random *random, struct sp_buffer *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
				     "ghijklmnopqrstuvwxyz0123456789+/";
	size_t newline = strlen(letter->newline);

	for (size_t left = bytes / BASE64_COLUMNS + 1; left > 0; left--) {
		char *to = sp_buffer_reserve(out, BASE64_COLUMNS + newline);
		uint64_t bits = 0;

		if (!to)
			return;
		for (unsigned i = 0; i < BASE64_COLUMNS; i++, bits >>= 6) {
			if (i % 10 == 0)
				bits = random_next(random);
			to[i] = digits[bits & 63];
		}
		memcpy(to + BASE64_COLUMNS, letter->newline, newline);
		out->size += BASE64_COLUMNS + newline;
	}
}

/* Two parts: text, and the same as HTML or a file. */
static void add_parts(const struct letter *letter, struct random *random,
	struct sp_buffer *out)
{
	bool html = letter->kind == LETTER_HTML;
	const char *newline = letter->newline;
	uint64_t mark = random_next(random);

	lines_add(out, newline,
		"Content-Type: multipart/%s;\n\tboundary=\"----=_%016" PRIx64
		"\"\n\nThis is a message of several "
		"parts.\n\n------=_%016" PRIx64 "\n",
		html ? "alternative" : "mixed", mark, mark);
	add_part_fields(letter, "text/plain; charset=utf-8", "8bit", out);
	add_text(letter, ENCODING_8BIT, letter->bytes / 8, random, out);
	lines_add(out, newline, "\n------=_%016" PRIx64 "\n", mark);
	if (html) {
		add_part_fields(letter, "text/html; charset=utf-8",
			"quoted-printable", out);
		add_html(letter, ENCODING_QP, letter->bytes, random, out);
	} else {
		add_part_fields(
			letter, "application/octet-stream", "base64", out);
		add_base64(letter, letter->bytes, random, out);
	}
	lines_add(out, newline, "\n------=_%016" PRIx64 "--\n", mark);
}

void letter_add(const struct letter *letter, struct random *random,
	struct sp_buffer *out)
{
	bool qp = letter->kind == LETTER_QP;

	add_fields(letter, random, out);
	if (letter->kind == LETTER_HTML || letter->kind == LETTER_ATTACHMENT) {
		add_parts(letter, random, out);
		return;
	}
	add_part_fields(letter, "text/plain; charset=utf-8",
		qp ? "quoted-printable" : "8bit", out);
	if (letter->kind != LETTER_EMPTY)
		add_text(letter, qp ? ENCODING_QP : ENCODING_8BIT,
			letter->bytes, random, out);
}
