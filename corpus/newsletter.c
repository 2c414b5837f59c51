/* SPDX-License-Identifier: Apache-2.0 */
/* Newsletters: RFC 5322 fields, multipart/alternative (RFC 2046 5.1.4). */
#include "corpus/newsletter.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "corpus/lines.h"
#include "corpus/sizes.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))
#define FIRST_TIME 1700000000
#define ROW_BYTES 1700u /* about what a row and its link take */

/* What is drawn for one message before any of it is written. */
struct draft {
	struct random random;
	uint64_t id;
	uint64_t index;
	uint32_t bytes; /* wanted */
	enum encoding encoding;
	const char *name; /* of the recipient */
	const char *surname;
};

static const char *const names[] = {"Anna", "Ben", "Clara", "David", "Emma",
	"Felix", "Greta", "Hugo", "Ida", "Jonas", "Karla", "Leo", "Mara",
	"Nils", "Olga", "Paul", "Rosa", "Simon", "Tilda", "Victor"};
static const char *const surnames[] = {"Adams", "Baker", "Carter", "Dahl",
	"Evans", "Fischer", "Garcia", "Holm", "Ivanova", "Jensen", "Keller",
	"Lang", "Moreau", "Novak", "Olsen", "Petrov", "Rossi", "Silva"};
/* The same kind of name as an encoded-word (RFC 2047). */
static const char *const encoded_names[] = {
	"=?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?=", "=?utf-8?B?U8O4cmVuIEtqw6Zy?=",
	"=?UTF-8?Q?Zo=C3=AB?= Winter", "=?iso-8859-1?Q?Andr=E9?= Petit"};

int64_t newsletter_time(uint64_t index)
{
	return FIRST_TIME + (int64_t)(index / 20);
}

static struct draft draw(const struct newsletter *newsletter, uint64_t index)
{
	struct draft draft = {
		.random = random_stream(newsletter->options.seed, index),
		.index = index,
	};
	struct random *random = &draft.random;

	draft.id = random_next(random);
	draft.name = names[random_below(random, COUNT(names))];
	draft.surname = surnames[random_below(random, COUNT(surnames))];
	draft.bytes = sizes_draw(random, newsletter->options.mean_bytes);
	draft.encoding =
		random_chance(random, 50) ? ENCODING_QP : ENCODING_8BIT;
	return draft;
}

static void add_to(const struct newsletter *newsletter, struct draft *draft,
	struct sp_buffer *out)
{
	unsigned kind = random_below(&draft->random, 4);

	if (kind == 0)
		lines_add(out, newsletter->options.newline,
			"To: %s\n <%s.%" PRIu64 "@example.net>\n",
			encoded_names[random_below(
				&draft->random, COUNT(encoded_names))],
			draft->surname, draft->index);
	else
		lines_add(out, newsletter->options.newline,
			"To: \"%s %s\" <%s.%" PRIu64 "@example.net>\n",
			draft->name, draft->surname, draft->surname,
			draft->index);
}

static void add_subject(const struct newsletter *newsletter,
	struct draft *draft, struct sp_buffer *out)
{
	struct random *random = &draft->random;
	const char *a = blocks_word(random);
	const char *b = blocks_word(random);

	switch (random_below(random, 4)) {
	case 0:
		lines_add(out, newsletter->options.newline,
			"Subject: =?UTF-8?Q?%s=2C_f=C3=BCr_dich?="
			"\n =?UTF-8?Q?_%s_=E2=80=93_%s?=\n",
			draft->name, a, b);
		break;
	case 1:
		lines_add(out, newsletter->options.newline,
			"Subject: %s, a %s and a %s for this "
			"week: what our readers\n liked best\n",
			draft->name, a, b);
		break;
	default:
		lines_add(out, newsletter->options.newline,
			"Subject: %s, your %s and %s\n", draft->name, a, b);
	}
}

static void add_date(const struct newsletter *newsletter, uint64_t index,
	struct sp_buffer *out)
{
	time_t now = (time_t)newsletter_time(index);
	char date[64];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	lines_add(out, newsletter->options.newline, "Date: %s\n", date);
}

static void add_identity(const struct newsletter *newsletter,
	struct draft *draft, struct sp_buffer *out)
{
	const char *domain = newsletter->options.domain;
	/* Never two draws in one call: their order is the compiler's choice. */
	unsigned app = random_below(&draft->random, 9);
	unsigned address = random_below(&draft->random, 250);

	lines_add(out, newsletter->options.newline,
		"Received: from app-%u.int.%s (10.0.3.%u)\n"
		"\tby out.%s with ESMTPS\n\tid %016" PRIx64 ";\n",
		app, domain, address, domain, draft->id);
	/* The trace field's date is the message's own. */
	out->size -= strlen(newsletter->options.newline);
	lines_add(out, newsletter->options.newline,
		"\n\tTue, 14 Nov 2023 22:13:20 +0000\n");
	lines_add(out, newsletter->options.newline,
		"From: \"The %s Letter\" <letter@%s>\n", domain, domain);
	add_to(newsletter, draft, out);
	add_subject(newsletter, draft, out);
	add_date(newsletter, draft->index, out);
	lines_add(out, newsletter->options.newline,
		"Message-ID: <%016" PRIx64 ".%" PRIu64 "@%s>\n", draft->id,
		draft->index, domain);
	lines_add(out, newsletter->options.newline,
		"Reply-To: letter@%s\nSender: <bounces+%016" PRIx64 "@%s>\n",
		domain, draft->id, domain);
}

static void add_list_fields(const struct newsletter *newsletter,
	const struct draft *draft, struct sp_buffer *out)
{
	const char *domain = newsletter->options.domain;
	uint64_t id = draft->id;

	lines_add(out, newsletter->options.newline,
		"List-ID: The %s Letter <letter.%s>\n"
		"List-Unsubscribe: <https://%s/u/%016" PRIx64 ">,\n"
		"\t<mailto:leave+%016" PRIx64 "@%s?subject=leave>\n"
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
		"List-Help: <https://%s/help>\nList-Archive: "
		"<https://%s/archive>\n",
		domain, domain, domain, id, id, domain, domain, domain);
	lines_add(out, newsletter->options.newline,
		"Feedback-ID: c%u:letter:%s:bulk\n"
		"CFBL-Address: fbl@%s; report=arf\n"
		"CFBL-Feedback-ID: %016" PRIx64 "\n",
		(unsigned)(draft->index / 5000), domain, domain, id);
	lines_add(out, newsletter->options.newline,
		"X-Report-Abuse: Please report abuse here:\n"
		" https://%s/abuse?id=%016" PRIx64 "\n"
		"X-Campaign: %u\nX-Recipient: %" PRIu64 "\n"
		"X-CSA-Complaints: csa@%s\nX-Mailer: Letterpress 4.2\n"
		"X-Entity-Ref-ID: %016" PRIx64 "\nPrecedence: bulk\n"
		"Auto-Submitted: auto-generated\nOrganization: %s\n",
		domain, id, (unsigned)(draft->index / 5000), draft->index,
		domain, id, domain);
}

static void add_block(struct sp_buffer *out, const struct block *block,
	enum encoding encoding)
{
	sp_buffer_add(out, sp_buffer_span(&block->as[encoding]));
}

static void add_part_header(const struct newsletter *newsletter,
	const struct draft *draft, const char *subtype, struct sp_buffer *out)
{
	lines_add(out, newsletter->options.newline,
		"--=_%016" PRIx64 "\n"
		"Content-Type: text/%s; charset=utf-8\n"
		"Content-Transfer-Encoding: %s\n\n",
		draft->id, subtype,
		draft->encoding == ENCODING_QP ? "quoted-printable" : "8bit");
}

/* Links are "=" in QP: "=3D" keeps them whole. */
static void add_text_part(const struct newsletter *newsletter,
	struct draft *draft, size_t bytes, struct sp_buffer *out)
{
	size_t end = out->size + bytes;
	const char *equals = draft->encoding == ENCODING_QP ? "=3D" : "=";

	add_part_header(newsletter, draft, "plain", out);
	lines_add(
		out, newsletter->options.newline, "Hello %s,\n\n", draft->name);
	do {
		add_block(out,
			&newsletter->blocks.text[random_below(
				&draft->random, BLOCKS_TEXT)],
			draft->encoding);
		lines_add(out, newsletter->options.newline,
			"https://click.example.com/c?r%s%016" PRIx64 "\n\n",
			equals, random_next(&draft->random));
	} while (out->size < end);
	lines_add(out, newsletter->options.newline,
		"To leave this list:\nhttps://%s/u/%016" PRIx64 "\n\n",
		newsletter->options.domain, draft->id);
}

static void add_html_part(const struct newsletter *newsletter,
	struct draft *draft, size_t end, struct sp_buffer *out)
{
	const struct blocks *blocks = &newsletter->blocks;
	enum encoding encoding = draft->encoding;

	add_part_header(newsletter, draft, "html", out);
	add_block(out, &blocks->head, encoding);
	do {
		char link[32];

		add_block(out,
			&blocks->html[random_below(
				&draft->random, BLOCKS_HTML)],
			encoding);
		add_block(out, &blocks->link_before, encoding);
		snprintf(link, sizeof(link), "%016" PRIx64,
			random_next(&draft->random));
		sp_buffer_add_str(out, link);
		add_block(out, &blocks->link_after, encoding);
	} while (out->size < end);
	lines_add(out, newsletter->options.newline,
		"            <tr><td>%s %s, you get this letter "
		"because you asked for it.</td></tr>\n",
		draft->name, draft->surname);
	add_block(out, &blocks->tail, encoding);
	lines_add(out, newsletter->options.newline, "\n");
}

void newsletter_init(
	struct newsletter *newsletter, const struct newsletter_options *options)
{
	newsletter->options = *options;
	blocks_init(&newsletter->blocks, options->seed, options->newline);
}

void newsletter_free(struct newsletter *newsletter)
{
	blocks_free(&newsletter->blocks);
}

void newsletter_add(const struct newsletter *newsletter, uint64_t index,
	struct sp_buffer *out)
{
	struct draft draft = draw(newsletter, index);
	size_t start = out->size;
	size_t row = draft.bytes < ROW_BYTES ? draft.bytes : ROW_BYTES;

	add_identity(newsletter, &draft, out);
	add_list_fields(newsletter, &draft, out);
	if (newsletter->options.identical) {
		draft = draw(newsletter, 0);
		start = out->size;
	}
	lines_add(out, newsletter->options.newline,
		"MIME-Version: 1.0\n"
		"Content-Type: multipart/alternative;\n"
		"\tboundary=\"=_%016" PRIx64 "\"\n\n",
		draft.id);
	add_text_part(newsletter, &draft, draft.bytes / 8, out);
	add_html_part(newsletter, &draft, start + draft.bytes - row / 2, out);
	lines_add(out, newsletter->options.newline, "--=_%016" PRIx64 "--\n",
		draft.id);
}
