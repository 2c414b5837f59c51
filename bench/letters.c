/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies from the building blocks of the corpus, and whole newsletters. */
#include "bench/letters.h"

#include <stdlib.h>

#include "bench/bench.h"
#include "corpus/newsletter.h"

#define BASE64_COLUMNS 76u
#define MEAN_BYTES (20u << 10)

const char *const letters_body_names[LETTERS_BODIES] = {
	"html", "base64", "qp", "html-crlf", "base64-crlf"};

static void add_html(struct sp_buffer *out, enum encoding encoding,
	const char *newline, size_t bytes)
{
	struct blocks *blocks = calloc(1, sizeof(*blocks));
	struct random random = random_stream(1, 1);

	bench_need(blocks != NULL, "out of memory");
	blocks_init(blocks, 1, newline, false);
	while (out->size < bytes)
		blocks_add_row(blocks, &random, encoding, bytes, out);
	blocks_free(blocks);
	free(blocks);
}

static void add_base64(struct sp_buffer *out, const char *newline, size_t bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
				     "ghijklmnopqrstuvwxyz0123456789+/";
	struct random random = random_stream(1, 2);

	while (out->size < bytes) {
		for (unsigned i = 0; i < BASE64_COLUMNS; i++)
			sp_buffer_add_char(
				out, digits[random_below(&random, 64)]);
		sp_buffer_add_str(out, newline);
	}
}

void letters_add_body(
	struct sp_buffer *out, enum letters_body kind, size_t bytes)
{
	const char *newline = kind >= LETTERS_HTML_CRLF ? "\r\n" : "\n";

	if (kind == LETTERS_BASE64 || kind == LETTERS_BASE64_CRLF)
		add_base64(out, newline, bytes);
	else
		add_html(out, kind == LETTERS_QP ? ENCODING_QP : ENCODING_8BIT,
			newline, bytes);
	bench_need(sp_buffer_status(out) == SP_OK, "out of memory");
}

void letters_open(struct letters *letters, size_t count, bool identical)
{
	struct newsletter *newsletter = calloc(1, sizeof(*newsletter));
	const struct newsletter_options options = {
		.seed = 1,
		.domain = "example.com",
		.newline = "\n",
		.mean_bytes = MEAN_BYTES,
		.identical = identical,
	};
	size_t begins[LETTERS_MAX + 1] = {0};

	bench_need(newsletter != NULL, "out of memory");
	*letters = (struct letters){.count = count};
	newsletter_init(newsletter, &options);
	for (size_t i = 0; i < count; i++) {
		newsletter_add(newsletter, i, &letters->text);
		begins[i + 1] = letters->text.size;
	}
	newsletter_free(newsletter);
	free(newsletter);
	bench_need(sp_buffer_status(&letters->text) == SP_OK, "out of memory");
	for (size_t i = 0; i < count; i++)
		letters->at[i] = sp_span(letters->text.data + begins[i],
			begins[i + 1] - begins[i]);
	letters->bytes = letters->text.size;
}

void letters_close(struct letters *letters)
{
	sp_buffer_free(&letters->text);
}
