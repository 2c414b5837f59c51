/* SPDX-License-Identifier: Apache-2.0 */
/* Newsletters: fields, and multipart/alternative (RFC 2046 5.1.4). */
#include "corpus/newsletter.h"

#include <inttypes.h>
#include <stdio.h>

#include "corpus/heading.h"
#include "corpus/lines.h"
#include "corpus/sizes.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))
#define FIRST_TIME 1700000000
#define SAMPLES 64u
#define LINE_BYTES 70u
#define ROW_BYTES 1700u /* about what a row and its link take */

static const char *const names[] = {"Anna", "Ben", "Clara", "David", "Emma",
	"Felix", "Greta", "Hugo", "Ida", "Jonas", "Karla", "Leo", "Mara",
	"Nils", "Olga", "Paul", "Rosa", "Simon", "Tilda", "Victor"};
static const char *const surnames[] = {"Adams", "Baker", "Carter", "Dahl",
	"Evans", "Fischer", "Garcia", "Holm", "Ivanova", "Jensen", "Keller",
	"Lang", "Moreau", "Novak", "Olsen", "Petrov", "Rossi", "Silva"};

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
	uint32_t mean =
		newsletter->options.mean_bytes - newsletter->least_bytes;

	draft.id = random_next(random);
	draft.name = names[random_below(random, COUNT(names))];
	draft.surname = surnames[random_below(random, COUNT(surnames))];
	draft.bytes = sizes_draw(random, mean);
	if (newsletter->blocks.small && newsletter->options.identical)
		draft.bytes = mean;
	draft.encoding =
		random_chance(random, 50) ? ENCODING_QP : ENCODING_8BIT;
	return draft;
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
		blocks_add_text(&newsletter->blocks, &draft->random,
			draft->encoding, end, out);
		lines_add(out, newsletter->options.newline,
			"https://click.example.com/c?r%s%016" PRIx64 "\n\n",
			equals, random_next(&draft->random));
	} while (out->size < end);
	lines_add(out, newsletter->options.newline,
		"To leave this list:\nhttps://%s/u/%016" PRIx64 "\n\n",
		newsletter->options.domain, draft->id);
}

/* Rows and links, until out has so many bytes. */
static void add_rows(const struct blocks *blocks, struct draft *draft,
	size_t end, struct sp_buffer *out)
{
	enum encoding encoding = draft->encoding;

	do {
		char link[32];

		blocks_add_row(blocks, &draft->random, encoding, end, out);
		block_add(&blocks->frame.link_before, encoding, out);
		snprintf(link, sizeof(link), "%016" PRIx64,
			random_next(&draft->random));
		sp_buffer_add_str(out, link);
		block_add(&blocks->frame.link_after, encoding, out);
	} while (out->size < end);
}

/* The message began at start. */
static void add_html_part(const struct newsletter *newsletter,
	struct draft *draft, size_t start, struct sp_buffer *out)
{
	const struct blocks *blocks = &newsletter->blocks;
	size_t row = draft->bytes < ROW_BYTES ? draft->bytes : ROW_BYTES;
	size_t end;

	add_part_header(newsletter, draft, "html", out);
	block_add(&blocks->frame.head, draft->encoding, out);
	end = blocks->small ? out->size + draft->bytes
			    : start + draft->bytes - row / 2;
	add_rows(blocks, draft, end, out);
	lines_add(out, newsletter->options.newline,
		blocks->small
			? "<p>%s %s, you get this letter because you asked for "
			  "it.</p>\n"
			: "            <tr><td>%s %s, you get this letter "
			  "because you asked for it.</td></tr>\n",
		draft->name, draft->surname);
	block_add(&blocks->frame.tail, draft->encoding, out);
	lines_add(out, newsletter->options.newline, "\n");
}

static void add_body(const struct newsletter *newsletter, struct draft *draft,
	size_t start, struct sp_buffer *out)
{
	lines_add(out, newsletter->options.newline,
		"MIME-Version: 1.0\n"
		"Content-Type: multipart/alternative;\n"
		"\tboundary=\"=_%016" PRIx64 "\"\n\n",
		draft->id);
	add_text_part(newsletter, draft,
		newsletter->blocks.small ? 0 : draft->bytes / 8, out);
	add_html_part(newsletter, draft, start, out);
	lines_add(out, newsletter->options.newline, "--=_%016" PRIx64 "--\n",
		draft->id);
}

/* What small newsletters have on average when next to nothing is said. Most of
 * it is the domain, where that is long. */
static uint32_t measure(const struct newsletter *newsletter)
{
	struct sp_buffer out = {0};
	uint32_t bytes;

	for (uint64_t index = 0; index < SAMPLES; index++) {
		struct draft draft = draw(newsletter, index);

		draft.bytes = 0;
		heading_add(newsletter, &draft, &out);
		add_body(newsletter, &draft, 0, &out);
	}
	/* HTML of no bytes is a line, and any other ends half a line late. */
	bytes = (uint32_t)(out.size / SAMPLES) - LINE_BYTES / 2;
	sp_buffer_free(&out);
	return bytes;
}

void newsletter_init(
	struct newsletter *newsletter, const struct newsletter_options *options)
{
	newsletter->options = *options;
	newsletter->least_bytes = 0;
	blocks_init(&newsletter->blocks, options->seed, options->newline,
		options->mean_bytes < SIZES_SMALL);
	if (newsletter->blocks.small)
		newsletter->least_bytes = measure(newsletter);
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

	heading_add(newsletter, &draft, out);
	if (newsletter->options.identical) {
		draft = draw(newsletter, 0);
		start = out->size;
	}
	add_body(newsletter, &draft, start, out);
}
