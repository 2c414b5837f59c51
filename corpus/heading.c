/* SPDX-License-Identifier: Apache-2.0 */
/* The fields that bulk senders write, folded and encoded (RFC 2047). */
#include "corpus/heading.h"

#include <inttypes.h>
#include <time.h>

#include "corpus/lines.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))

/* Names as encoded-words (RFC 2047). */
static const char *const encoded_names[] = {
	"=?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?=", "=?utf-8?B?U8O4cmVuIEtqw6Zy?=",
	"=?UTF-8?Q?Zo=C3=AB?= Winter", "=?iso-8859-1?Q?Andr=E9?= Petit"};

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

static void add_trace(const struct newsletter *newsletter, struct draft *draft,
	struct sp_buffer *out)
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
}

static void add_identity(const struct newsletter *newsletter,
	struct draft *draft, struct sp_buffer *out)
{
	const char *domain = newsletter->options.domain;

	lines_add(out, newsletter->options.newline,
		"From: \"The %s Letter\" <letter@%s>\n", domain, domain);
	add_to(newsletter, draft, out);
	add_subject(newsletter, draft, out);
	add_date(newsletter, draft->index, out);
	lines_add(out, newsletter->options.newline,
		"Message-ID: <%016" PRIx64 ".%" PRIu64 "@%s>\n", draft->id,
		draft->index, domain);
}

static void add_replies(const struct newsletter *newsletter,
	const struct draft *draft, struct sp_buffer *out)
{
	const char *domain = newsletter->options.domain;

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
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\n",
		domain, domain, domain, id, id, domain);
}

/* What senders in bulk add for those who complain, count and sort. */
static void add_bulk_fields(const struct newsletter *newsletter,
	const struct draft *draft, struct sp_buffer *out)
{
	const char *domain = newsletter->options.domain;
	uint64_t id = draft->id;

	lines_add(out, newsletter->options.newline,
		"List-Help: <https://%s/help>\nList-Archive: "
		"<https://%s/archive>\n",
		domain, domain);
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

void heading_add(const struct newsletter *newsletter, struct draft *draft,
	struct sp_buffer *out)
{
	bool small = newsletter->blocks.small;

	if (!small)
		add_trace(newsletter, draft, out);
	add_identity(newsletter, draft, out);
	if (!small)
		add_replies(newsletter, draft, out);
	add_list_fields(newsletter, draft, out);
	if (!small)
		add_bulk_fields(newsletter, draft, out);
}
