/* SPDX-License-Identifier: Apache-2.0 */
/* Text and HTML for newsletters, plain and quoted-printable (RFC 2045 6.7). */
#include "corpus/blocks.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))
#define TEXT_COLUMNS 72u
#define QP_COLUMNS 75u /* and the "=" of a soft line break: 76 */

static const char *const words[] = {"about", "after", "again", "all", "also",
	"always", "and", "another", "apples", "around", "autumn", "back",
	"basket", "because", "before", "best", "better", "between", "bicycle",
	"book", "both", "bread", "bring", "build", "butter", "by", "can",
	"carry", "change", "city", "coat", "coffee", "collection", "colour",
	"come", "corner", "cotton", "day", "delivery", "design", "door", "each",
	"early", "easy", "edition", "every", "family", "favourite", "few",
	"find", "first", "for", "free", "fresh", "friends", "garden", "gift",
	"give", "glass", "good", "half", "hand", "harvest", "have", "here",
	"home", "hour", "how", "idea", "in", "inside", "is", "it", "join",
	"just", "kitchen", "lamp", "large", "last", "later", "leaf", "letter",
	"light", "like", "linen", "list", "little", "long", "look", "made",
	"make", "many", "market", "maybe", "more", "morning", "most",
	"mountain", "music", "near", "new", "next", "nice", "night", "now",
	"of", "offer", "often", "on", "once", "only", "open", "or", "order",
	"our", "over", "paper", "part", "people", "pick", "place", "plan",
	"price", "quiet", "rain", "read", "ready", "recipe", "red", "river",
	"room", "sale", "save", "season", "see", "several", "shelf", "shop",
	"small", "soft", "some", "soon", "spring", "station", "still", "store",
	"story", "street", "summer", "sun", "table", "take", "than", "the",
	"their", "these", "thing", "this", "time", "to", "today", "together",
	"town", "train", "try", "two", "under", "until", "up", "use", "very",
	"visit", "wait", "walk", "warm", "water", "way", "we", "week", "when",
	"where", "while", "white", "window", "winter", "with", "wood", "wool",
	"work", "year", "you", "your"};

/* Words that are not ASCII, in UTF-8. */
static const char *const foreign[] = {"caf\xc3\xa9",
	"Gr\xc3\xbc\xc3\x9f"
	"e",
	"\xe2\x82\xac", "\xe2\x80\x93", "cr\xc3\xa8me", "Z\xc3\xbcrich",
	"ma\xc3\xb1"
	"ana",
	"\xe2\x80\x9cnew\xe2\x80\x9d"};

static const char *const pictures[] = {"hero", "autumn", "lamp", "coat",
	"table", "garden", "recipe", "bicycle"};

const char *blocks_word(struct random *random)
{
	return words[random_below(random, COUNT(words))];
}

static const char *any_word(struct random *random)
{
	if (random_chance(random, 6))
		return foreign[random_below(random, COUNT(foreign))];
	return blocks_word(random);
}

/* Adds count words, the first one after indent, in lines of columns. */
static void add_words(struct sp_buffer *out, struct random *random,
	unsigned count, const char *indent, size_t columns)
{
	size_t column = strlen(indent);

	sp_buffer_add_str(out, indent);
	for (unsigned i = 0; i < count; i++) {
		const char *word = any_word(random);

		if (i > 0 && column + strlen(word) + 2 > columns) {
			sp_buffer_add_char(out, '\n');
			sp_buffer_add_str(out, indent);
			column = strlen(indent);
		} else if (i > 0) {
			sp_buffer_add_char(out, ' ');
			column++;
		}
		sp_buffer_add_str(out, word);
		column += strlen(word);
	}
	sp_buffer_add_str(out, ".\n");
}

static void make_text(struct sp_buffer *out, struct random *random)
{
	unsigned kind = random_below(random, 8);

	if (kind == 0) {
		for (unsigned i = 0; i < 4; i++)
			add_words(out, random, 4, "  * ", TEXT_COLUMNS);
	} else {
		add_words(out, random, 20 + random_below(random, 60), "",
			TEXT_COLUMNS);
	}
	if (kind == 1)
		sp_buffer_add_str(
			out, "-- - -- - -- - -- - -- - -- - -- - -- - --  \n");
	sp_buffer_add_char(out, '\n');
}

static void make_picture(struct sp_buffer *out, struct random *random)
{
	const char *name = pictures[random_below(random, COUNT(pictures))];
	unsigned height = 120 + random_below(random, 400);

	sp_buffer_add_format(out,
		"                    <img src=\"https://img.example.com/%s-%u"
		".jpg\" width=\"560\" height=\"%u\" alt=\"%s\"\n"
		"                        style=\"display: block; border: 0; "
		"max-width: 100%%; height: auto;\" />\n",
		name, random_below(random, 10000), height, name);
}

static void make_paragraph(struct sp_buffer *out, struct random *random)
{
	unsigned count = 15 + random_below(random, 70);
	size_t columns = 120 + random_below(random, 300);

	sp_buffer_add_str(out,
		"                    <p style=\"margin: 0 0 16px 0; "
		"font-family: Helvetica, Arial, sans-serif; font-size: 15px; "
		"line-height: 22px; color: #333333;\">\n");
	add_words(out, random, count, "                        ", columns);
	sp_buffer_add_str(out, "                    </p>\n");
}

/* A row: what templates leave behind is part of it (blank lines, tabs,
 * trailing blanks, comments for one mail program). */
static void make_html(struct sp_buffer *out, struct random *random)
{
	sp_buffer_add_str(out,
		"            <tr>\n                <td align=\"left\" "
		"valign=\"top\" style=\"padding: 12px 20px;\">\n");
	if (random_chance(random, 30))
		sp_buffer_add_str(out, "                    \n");
	if (random_chance(random, 40))
		make_picture(out, random);
	if (random_chance(random, 25)) {
		sp_buffer_add_str(out, "\t\t\t\t\t<h2 class=\"title\">");
		add_words(out, random, 5, "", 500);
		sp_buffer_add_str(out, "\t\t\t\t\t</h2>   \n");
	}
	for (unsigned left = 1 + random_below(random, 3); left > 0; left--)
		make_paragraph(out, random);
	if (random_chance(random, 15))
		sp_buffer_add_str(
			out, "<!--[if mso]></td></tr></table><![endif]-->\n\n");
	sp_buffer_add_str(out, "                </td>\n            </tr>\n\n");
}

/* Whether the byte stands for itself in quoted-printable text. */
static bool qp_literal(const char *at, const char *end)
{
	bool blank = *at == ' ' || *at == '\t';

	if (blank)
		return at + 1 < end && at[1] != '\n';
	return *at > ' ' && *at < 0x7f && *at != '=';
}

/* Encodes text from column on; the last line break is that of the text. */
static void add_qp(struct sp_buffer *out, struct sp_span text, size_t column)
{
	const char *end = text.data + text.size;

	for (const char *at = text.data; at < end; at++) {
		bool literal = qp_literal(at, end);

		if (*at == '\n') {
			sp_buffer_add_char(out, '\n');
			column = 0;
			continue;
		}
		if (column + (literal ? 1 : 3) > QP_COLUMNS) {
			sp_buffer_add_str(out, "=\n");
			column = 0;
		}
		if (literal)
			sp_buffer_add_char(out, *at);
		else
			sp_buffer_add_format(out, "=%02X", (unsigned char)*at);
		column += literal ? 1 : 3;
	}
}

static void set_newlines(struct sp_buffer *text, const char *newline)
{
	struct sp_buffer out = {0};
	struct sp_span rest = sp_buffer_span(text);

	while (rest.size > 0) {
		size_t line = sp_span_find(rest, '\n');

		sp_buffer_add(&out, sp_span(rest.data, line));
		if (line == rest.size)
			break;
		sp_buffer_add_str(&out, newline);
		rest = sp_span_after(rest, line + 1);
	}
	sp_buffer_free(text);
	*text = out;
}

/* From the plain text in as[ENCODING_8BIT] to all forms. column: where the
 * text will stand in its first line. */
static void finish(struct block *block, const char *newline, size_t column)
{
	struct sp_buffer *plain = &block->as[ENCODING_8BIT];

	add_qp(&block->as[ENCODING_QP], sp_buffer_span(plain), column);
	for (unsigned i = 0; i < ENCODING_COUNT; i++)
		set_newlines(&block->as[i], newline);
}

static void finish_frame(struct frame *frame, const char *newline)
{
	struct block *before = &frame->link_before;

	finish(&frame->head, newline, 0);
	finish(&frame->tail, newline, 0);
	finish(before, newline, 0);
	/* The 16 characters begin a line of their own. */
	sp_buffer_add_str(&before->as[ENCODING_QP], "=");
	sp_buffer_add_str(&before->as[ENCODING_QP], newline);
	finish(&frame->link_after, newline, 16);
}

static void make_table(struct frame *frame)
{
	sp_buffer_add_str(&frame->head.as[ENCODING_8BIT],
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		"    <meta charset=\"utf-8\">\n"
		"    <meta name=\"viewport\" content=\"width=device-width\">\n"
		"    <style type=\"text/css\">\n"
		"        body { margin: 0; padding: 0; background: #f4f4f4; }\n"
		"        a.button { display: inline-block; padding: 10px; }\n"
		"        @media screen and (max-width: 600px) {\n"
		"            table.main { width: 100% !important; }\n"
		"        }\n    </style>\n</head>\n<body>\n"
		"    <center>\n        <table class=\"main\" width=\"600\" "
		"cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n");
	sp_buffer_add_str(&frame->tail.as[ENCODING_8BIT],
		"        </table>\n    </center>\n</body>\n</html>\n");
	sp_buffer_add_str(&frame->link_before.as[ENCODING_8BIT],
		"            <tr><td align=\"center\"><a class=\"button\" "
		"href=\"https://click.example.com/c?r=");
	sp_buffer_add_str(&frame->link_after.as[ENCODING_8BIT],
		"&amp;utm_source=letter&amp;utm_medium=email\" "
		"target=\"_blank\">Look inside</a></td></tr>\n");
}

static void make_plain(struct frame *frame)
{
	sp_buffer_add_str(&frame->head.as[ENCODING_8BIT], "<html>\n<body>\n");
	sp_buffer_add_str(&frame->tail.as[ENCODING_8BIT], "</body>\n</html>\n");
	sp_buffer_add_str(&frame->link_before.as[ENCODING_8BIT],
		"<p><a href=\"https://click.example.com/c?r=");
	sp_buffer_add_str(&frame->link_after.as[ENCODING_8BIT],
		"\">Look inside</a></p>\n");
}

void blocks_init(
	struct blocks *blocks, uint64_t seed, const char *newline, bool small)
{
	struct random random = random_stream(seed, UINT64_MAX);

	*blocks = (struct blocks){.newline = newline, .small = small};
	for (unsigned i = 0; i < BLOCKS_TEXT; i++) {
		make_text(&blocks->text[i].as[ENCODING_8BIT], &random);
		finish(&blocks->text[i], newline, 0);
	}
	for (unsigned i = 0; i < BLOCKS_HTML && !small; i++) {
		make_html(&blocks->html[i].as[ENCODING_8BIT], &random);
		finish(&blocks->html[i], newline, 0);
	}
	if (small)
		make_plain(&blocks->frame);
	else
		make_table(&blocks->frame);
	finish_frame(&blocks->frame, newline);
}

static void block_free(struct block *block)
{
	for (unsigned i = 0; i < ENCODING_COUNT; i++)
		sp_buffer_free(&block->as[i]);
}

void blocks_free(struct blocks *blocks)
{
	for (unsigned i = 0; i < BLOCKS_TEXT; i++)
		block_free(&blocks->text[i]);
	for (unsigned i = 0; i < BLOCKS_HTML; i++)
		block_free(&blocks->html[i]);
	block_free(&blocks->frame.head);
	block_free(&blocks->frame.tail);
	block_free(&blocks->frame.link_before);
	block_free(&blocks->frame.link_after);
}

void block_add(const struct block *block, enum encoding encoding,
	struct sp_buffer *out)
{
	sp_buffer_add(out, sp_buffer_span(&block->as[encoding]));
}

/* With what soft line breaks join to it. */
static struct sp_span first_line(struct sp_span text)
{
	size_t size = 0;
	bool soft;

	do {
		struct sp_span rest = sp_span_after(text, size);
		size_t line = sp_span_find(rest, '\n');
		size_t end = line > 0 && rest.data[line - 1] == '\r';

		soft = line > end && rest.data[line - end - 1] == '=';
		size += line + 1;
	} while (soft);
	return sp_span(text.data, size);
}

void blocks_add_text(const struct blocks *blocks, struct random *random,
	enum encoding encoding, size_t end, struct sp_buffer *out)
{
	const struct block *block =
		&blocks->text[random_below(random, BLOCKS_TEXT)];
	struct sp_span text = sp_buffer_span(&block->as[encoding]);

	if (!blocks->small) {
		block_add(block, encoding, out);
		return;
	}
	do {
		struct sp_span line = first_line(text);

		sp_buffer_add(out, line);
		text = sp_span_after(text, line.size);
	} while (text.size > 0 && out->size < end);
}

void blocks_add_row(const struct blocks *blocks, struct random *random,
	enum encoding encoding, size_t end, struct sp_buffer *out)
{
	if (!blocks->small) {
		block_add(&blocks->html[random_below(random, BLOCKS_HTML)],
			encoding, out);
		return;
	}
	sp_buffer_add_str(out, "<p>");
	sp_buffer_add_str(out, blocks->newline);
	blocks_add_text(blocks, random, encoding, end, out);
}
